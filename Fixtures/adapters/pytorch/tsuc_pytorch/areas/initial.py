"""The starting values of an encoder: torch's own order of parameters, with the numbers of the package's streams."""
from tsuc_port.areas.initial import initial_parameters
from tsuc_port.settings import Layout

from ..networks import Encoder, named_parameters
from ..registry import operation


@operation("initial-encoder")
def initial_encoder(prompt):
    encoder = Encoder(*Layout.of(prompt, prompt.parameter("channels")))
    shapes = {name: parameter.shape for name, parameter in named_parameters(encoder).items()}
    return {name: prompt.reals(values) for name, values in initial_parameters(prompt.parameter("seed"), shapes).items()}
