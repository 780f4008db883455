"""Starting values: torch's own bounds and order of parameters, with the numbers of the package's streams."""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ..networks import Encoder, named_parameters
from ..philox import Stream
from ..registry import operation

WEIGHTS, MEMORY, HEADS = 1, 2, 3


def uniform(stream, bound, shape, dtype):
    return torch.from_numpy(bound * (2 * stream.uniforms(int(np.prod(shape))) - 1)).reshape(shape).to(dtype)


@operation("initial-weights")
def initial_weights(prompt):
    stream = Stream(prompt.parameter("seed"), WEIGHTS, image=prompt.parameter("place", 0))
    return {"y": uniform(stream, prompt.parameter("fanIn") ** -0.5, prompt.parameter("shape"), prompt.dtype)}


@operation("initial-encoder")
def initial_encoder(prompt):
    sizes = [prompt.parameter(name) for name in ("streams", "widths", "blocks", "strides")]
    encoder = Encoder(prompt.parameter("channels"), *sizes, prompt.parameter("stemStride", 1), prompt.parameter("embeddingSize"))
    fans = {id(encoder.linear.bias): encoder.linear.in_features}
    for module in encoder.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            fans[id(module.weight)] = nn.init._calculate_fan_in_and_fan_out(module.weight)[0]
    outputs = {}
    for place, (name, parameter) in enumerate(named_parameters(encoder).items()):
        stream = Stream(prompt.parameter("seed"), WEIGHTS, image=place)
        fan = fans.get(id(parameter))
        outputs[name] = uniform(stream, fan ** -0.5, parameter.shape, prompt.dtype) if fan else parameter.to(prompt.dtype)
    return outputs


@operation("initial-bank")
def initial_bank(prompt):
    features = prompt.parameter("features")
    rows = torch.stack([
        uniform(Stream(prompt.parameter("seed"), MEMORY, image=i), (3 / features) ** 0.5, (features,), prompt.dtype)
        for i in range(prompt.parameter("images"))])
    return {"bank": F.normalize(rows) if prompt.parameter("normalised", False) else rows}


@operation("initial-heads")
def initial_heads(prompt):
    features, classes = prompt.parameter("features"), prompt.parameter("classes")
    heads = [Stream(prompt.parameter("seed"), HEADS, image=h).normals(features * classes).reshape(features, classes)
             for h in range(prompt.parameter("heads"))]
    return {"heads": torch.from_numpy(np.stack(heads)).to(prompt.dtype)}
