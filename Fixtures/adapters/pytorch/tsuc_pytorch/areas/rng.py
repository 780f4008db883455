"""Random numbers: everything but the normal ones is exact in any precision."""
import math

import numpy as np

from ..philox import AUGMENTATION, Stream, philox
from ..registry import operation


def stream(prompt):
    keys = {name: prompt.parameter(name, 0) for name in ("epoch", "image", "view")}
    return Stream(prompt.parameter("seed"), prompt.parameter("purpose"), **keys)


def real(prompt, numbers):
    return numbers.astype(str(prompt.dtype).removeprefix("torch."))


@operation("philox")
def block_function(prompt):
    return {"words": philox(prompt.array("counters"), prompt.array("keys"))}


@operation("uniform")
def uniform(prompt):
    return {"y": real(prompt, stream(prompt).uniforms(prompt.parameter("count")))}


@operation("normal")
def normal(prompt):
    return {"y": real(prompt, stream(prompt).normals(prompt.parameter("count")))}


@operation("permutation")
def permutation(prompt):
    return {"y": np.array(stream(prompt).permutation(prompt.parameter("count")), np.int64)}


@operation("integers")
def integers(prompt):
    draws = stream(prompt)
    return {"y": np.array([draws.integer(prompt.parameter("bound")) for _ in range(prompt.parameter("count"))], np.int64)}


def view_numbers(prompt):
    """The 32 uniform numbers of each image's view."""
    seed, epoch, view = (prompt.parameter(name) for name in ("seed", "epoch", "view"))
    for image in prompt.parameter("images"):
        yield Stream(seed, AUGMENTATION, epoch, image, view).uniforms(32)


def between(u, limits):
    return limits[0] + (limits[1] - limits[0]) * u


def crop(u, height, width, area, ratio):
    """Ten tries of a box, as torchvision's RandomResizedCrop makes them, and its central box where none fits."""
    for attempt in range(10):
        part = between(u[2 * attempt], area) * (height * width)
        shape = math.exp(between(u[2 * attempt + 1], [math.log(r) for r in ratio]))
        w, h = round(math.sqrt(part * shape)), round(math.sqrt(part / shape))
        if 1 <= w <= width and 1 <= h <= height:
            return math.floor(u[20] * (width - w + 1)), math.floor(u[21] * (height - h + 1)), w, h
    own, w, h = width / height, width, height
    if own > ratio[1]:
        w = round(height * ratio[1])
    elif own < ratio[0]:
        h = round(width / ratio[0])
    w, h = min(max(w, 1), width), min(max(h, 1), height)
    return (width - w) // 2, (height - h) // 2, w, h


@operation("crop-parameters")
def crop_parameters(prompt):
    sizes = [prompt.parameter(name) for name in ("height", "width", "area", "ratio")]
    return {"boxes": np.array([crop(u, *sizes) for u in view_numbers(prompt)], np.int64)}


@operation("jitter-parameters")
def jitter_parameters(prompt):
    ranges = [prompt.parameter(name) for name in ("brightness", "contrast", "saturation", "hue")]
    outputs = {name: [] for name in ("order", "factors", "jittered", "greyscale", "flipped")}
    for u in view_numbers(prompt):
        order = [0, 1, 2, 3]
        for place, last in zip((23, 24, 25), (3, 2, 1)):
            other = math.floor(u[place] * (last + 1))
            order[last], order[other] = order[other], order[last]
        outputs["order"].append(order)
        outputs["factors"].append([between(u[26 + i], limits) for i, limits in enumerate(ranges)])
        for name, place, key in (("jittered", 22, "jitter"), ("greyscale", 30, "greyscale"), ("flipped", 31, "flip")):
            outputs[name].append(int(u[place] < prompt.parameter(key + "Probability")))
    factors = real(prompt, np.array(outputs.pop("factors"), np.float64))
    return {"factors": factors} | {name: np.array(values, np.int64) for name, values in outputs.items()}
