"""Random numbers: everything but the normal ones is exact in any precision."""
import numpy as np

from ..philox import Stream, philox
from ..registry import operation


def stream(prompt):
    keys = {name: prompt.parameter(name, 0) for name in ("epoch", "image", "view")}
    return Stream(prompt.parameter("seed"), prompt.parameter("purpose"), **keys)


@operation("philox")
def block_function(prompt):
    return {"words": philox(prompt.array("counters"), prompt.array("keys"))}


@operation("uniform")
def uniform(prompt):
    return {"y": prompt.reals(stream(prompt).uniforms(prompt.parameter("count")))}


@operation("normal")
def normal(prompt):
    return {"y": prompt.reals(stream(prompt).normals(prompt.parameter("count")))}


@operation("permutation")
def permutation(prompt):
    return {"y": np.array(stream(prompt).permutation(prompt.parameter("count")), np.int64)}


@operation("integers")
def integers(prompt):
    draws = stream(prompt)
    bound, count = prompt.parameter("bound"), prompt.parameter("count")
    return {"y": np.array([draws.integer(bound) for _ in range(count)], np.int64)}
