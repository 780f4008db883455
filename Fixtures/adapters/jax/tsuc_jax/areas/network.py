"""Residual blocks and encoders, forward and backward, and their starting values."""
import jax.numpy as jnp
import numpy as np
from tsuc_port.areas.initial import initial_parameters
from tsuc_port.settings import LEAVES, Layout, block_shapes, probe_places

from ..encoder import Network, read
from ..registry import call, operation
from ..tape import backward

def through_block(parameters, statistics, cotangent, training, stride):
    def forward(parameters, tape):
        network = Network(parameters, statistics, training, tape)
        y = network.block("", tape.watch("x", parameters["x"]), stride)
        return (y * cotangent).sum(), y

    y, _, new, gradients = backward(forward, parameters)
    return {"y": y} | outputs(parameters, new, gradients)


def outputs(parameters, statistics, gradients):
    """The gradients of parameters, and the running statistics after a training pass."""
    named = {name + ".gradient": gradients[name + ".gradient"] for name in parameters}
    return named | {name + ".new": value for name, value in statistics.items()}


@operation("residual-block")
def residual_block(prompt):
    x, stride = prompt.real("x"), prompt.parameter("stride", 1)
    width, inputs = prompt.array("conv1.weight").shape[:2]
    parameters, statistics, training = read(prompt, block_shapes("", inputs, width, stride))
    parameters["x"] = x
    return call(through_block, parameters, statistics, prompt.real("y.cotangent"), training=training, stride=stride)


def through_encoder(parameters, statistics, images, cotangent, training, layout, probes):
    def forward(parameters, tape):
        embeddings = Network(parameters, statistics, training, tape).encoder(images, layout)
        return (embeddings * cotangent).sum(), embeddings

    embeddings, values, new, gradients = backward(forward, parameters)
    found = outputs(parameters, new, gradients)
    if probes:
        return {"embeddings": embeddings} | probed({n: g for n, g in found.items() if n.endswith(".gradient")})
    return {name: value for name, value in values.items() if LEAVES.fullmatch(name)} | found


def probed(gradients):
    """Of every gradient its Euclidean norm and eight elements."""
    found = {}
    for name, gradient in gradients.items():
        flat = gradient.ravel()
        found[name + ".norm"] = jnp.sqrt(jnp.square(flat).sum())
        found[name + ".samples"] = flat[np.array(probe_places(flat.size))]
    return found


@operation("encoder")
def encoder(prompt):
    images = prompt.real("images")
    layout = Layout.of(prompt, images.shape[1])
    parameters, statistics, training = read(prompt, layout.shapes())
    return call(through_encoder, parameters, statistics, images, prompt.real("embeddings.cotangent"), training=training,
                layout=layout, probes=prompt.parameter("probes", False))


@operation("initial-encoder")
def initial_encoder(prompt):
    shapes = Layout.of(prompt, prompt.parameter("channels")).shapes()
    return {name: prompt.reals(values) for name, values in initial_parameters(prompt.parameter("seed"), shapes).items()}
