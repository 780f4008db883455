"""Starting values, drawn in double precision and rounded once."""
import math

import numpy as np

from ..philox import Stream
from ..registry import operation

WEIGHTS, MEMORY, HEADS = 1, 2, 3


def uniform(stream, bound, shape):
    return (bound * (2 * stream.uniforms(math.prod(shape)) - 1)).reshape(shape)


def initial_parameters(seed, shapes):
    """Every parameter of an encoder, in double precision, from {name: shape} in PyTorch's order.

    Weights of convolutions and of the linear layer have two or more axes; the linear layer's bias is drawn like its
    weight. The other vectors are those of batch norms, which are numbered too.
    """
    values = {}
    for place, (name, shape) in enumerate(shapes.items()):
        shape = tuple(shape)
        drawn = shapes["linear.weight"] if name == "linear.bias" else shape
        if len(drawn) > 1:
            values[name] = uniform(Stream(seed, WEIGHTS, image=place), math.prod(drawn[1:]) ** -0.5, shape)
        else:
            values[name] = np.ones(shape) if name.endswith("weight") else np.zeros(shape)
    return values


@operation("initial-weights")
def initial_weights(prompt):
    stream = Stream(prompt.parameter("seed"), WEIGHTS, image=prompt.parameter("place", 0))
    return {"y": prompt.reals(uniform(stream, prompt.parameter("fanIn") ** -0.5, prompt.parameter("shape")))}


@operation("initial-bank")
def initial_bank(prompt):
    features = prompt.parameter("features")
    rows = prompt.reals([
        uniform(Stream(prompt.parameter("seed"), MEMORY, image=image), (3 / features) ** 0.5, (features,))
        for image in range(prompt.parameter("images"))])
    normalised = prompt.parameter("normalised", False)
    return {"bank": rows / np.sqrt((rows * rows).sum(axis=1, keepdims=True)) if normalised else rows}


@operation("initial-heads")
def initial_heads(prompt):
    features, classes = prompt.parameter("features"), prompt.parameter("classes")
    heads = [Stream(prompt.parameter("seed"), HEADS, image=h).normals(features * classes).reshape(features, classes)
             for h in range(prompt.parameter("heads"))]
    return {"heads": prompt.reals(heads)}
