"""Random numbers: everything but the normal ones is exact in any precision."""
import numpy as np

from ..philox import Stream, rounds
from ..registry import operation


def stream(prompt):
    keys = {name: prompt.parameter(name, 0) for name in ("epoch", "image", "view")}
    return Stream(prompt.parameter("seed"), prompt.parameter("purpose"), **keys)


def drawn(prompt, y):
    """What was drawn, with the stream's key, first counter and first words."""
    draws = stream(prompt)
    key, counter = draws.origin()
    return {"y": y, "key": key, "counter": counter, "words": draws.words(prompt.parameter("count"))}


@operation("philox")
def block_function(prompt):
    words, keys = rounds(prompt.array("counters"), prompt.array("keys"))
    return {"words": words[:, -1], "round-words": words, "round-keys": keys}


@operation("uniform")
def uniform(prompt):
    return drawn(prompt, prompt.reals(stream(prompt).uniforms(prompt.parameter("count"))))


@operation("normal")
def normal(prompt):
    return drawn(prompt, prompt.reals(stream(prompt).normals(prompt.parameter("count"))))


@operation("permutation")
def permutation(prompt):
    return drawn(prompt, np.array(stream(prompt).permutation(prompt.parameter("count")), np.int64))


@operation("integers")
def integers(prompt):
    draws = stream(prompt)
    bound, count = prompt.parameter("bound"), prompt.parameter("count")
    return drawn(prompt, np.array([draws.integer(bound) for _ in range(count)], np.int64))
