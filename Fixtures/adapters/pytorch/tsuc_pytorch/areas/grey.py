"""Grey views by grid_sample, and their draws.

The map and its grid are worked out element by element: as matrix products, as in affine_grid, their factors would be rounded with
--products, and with them the places by parts of a pixel, on a GPU with TF32 as here.
"""
import functools
import math

import numpy as np
import torch
import torch.nn.functional as F

from ..philox import AUGMENTATION, Stream
from ..registry import operation
from .rng import between, crop


def product(a, b):
    """A small matrix product of full precision."""
    return (a[:, :, None] * b).sum(1)


def theta(prompt, height, width):
    """The 2 × 3 matrix of affine_grid, one 3 × 3 factor a step."""
    def factor(*rows):
        return torch.tensor([*rows, (0, 0, 1)], dtype=prompt.dtype)

    phi = math.radians(prompt.parameter("rotationDegrees", 0))
    zoom, stretch = prompt.parameter("zoom", 1), prompt.parameter("stretch", 1)
    left, top, w, h = prompt.parameter("crop", [0, 0, width, height])
    crop_box = factor((w / width, 0, (2 * left + w) / width - 1), (0, h / height, (2 * top + h) / height - 1))
    shift = factor((1, 0, 2 * prompt.parameter("shiftX", 0) / width), (0, 1, 2 * prompt.parameter("shiftY", 0) / height))
    turn = factor((math.cos(phi), -math.sin(phi), 0), (math.sin(phi), math.cos(phi), 0))
    shear = factor((1, prompt.parameter("shear", 0), 0), (0, 1, 0))
    scale = factor((1 / (zoom * stretch), 0, 0), (0, stretch / zoom, 0))
    mirror = factor((-1 if prompt.parameter("flipped", False) else 1, 0, 0), (0, 1, 0))
    return functools.reduce(product, [crop_box, shift, turn, shear, scale, mirror])[:2]


def grid(matrix, height, width):
    """Height × width × 2 places, as affine_grid makes them with align_corners=False."""
    x, y = (((2 * torch.arange(n, dtype=matrix.dtype) + 1) / n - 1) for n in (width, height))
    return matrix[:, 0] * x[None, :, None] + matrix[:, 1] * y[:, None, None] + matrix[:, 2]


@operation("grey-view")
def grey_view(prompt):
    image = prompt.real("image")
    height, width = image.shape[1:]
    places = grid(theta(prompt, height, width), height, width)[None]
    y = F.grid_sample(image[None], places, "bilinear", "zeros", align_corners=False)[0] * prompt.parameter("contrast", 1)
    y = torch.where(y > 0.05, y + prompt.parameter("brightness", 0), y)
    left, top, w, h = prompt.parameter("erased", [0, 0, 0, 0])
    y[:, top:top + h, left:left + w] = 0
    mean, deviation = prompt.optional("mean"), prompt.optional("deviation")
    if mean is not None:
        mean, deviation = (torch.tensor(numbers, dtype=prompt.dtype)[:, None, None] for numbers in (mean, deviation))
        y = (y - mean) / deviation
    return {"y": y}


@operation("grey-parameters")
def grey_parameters(prompt):
    height, width = prompt.parameter("height"), prompt.parameter("width")
    keys = {name: prompt.parameter(name, 0) for name in ("epoch", "view")}
    signed = {name: prompt.parameter(name, 0) for name in ("rotationDegrees", "shear", "shiftPixels", "brightness")}
    zoom, aspect = prompt.parameter("zoom", [1, 1]), prompt.parameter("aspect", 1)
    contrast, sides = prompt.parameter("contrast", [1, 1]), prompt.parameter("eraseSides", [1, 1])
    flips, erases = prompt.parameter("flipProbability", 0), prompt.parameter("eraseProbability", 0)
    area, ratio = prompt.optional("cropArea"), prompt.parameter("cropRatio", [3 / 4, 4 / 3])
    outputs = {name: [] for name in ("numbers", "flipped", "erased", "crop")}
    for image in prompt.parameter("images"):
        u = Stream(prompt.parameter("seed"), AUGMENTATION, image=image, **keys).uniforms(36)

        def either(name, word):
            return between(u[word], (-signed[name], signed[name]))

        stretch = math.exp(between(u[3], (-math.log(aspect), math.log(aspect))) / 2)
        outputs["numbers"].append([
            either("rotationDegrees", 0), either("shear", 1), math.exp(between(u[2], [math.log(z) for z in zoom])), stretch,
            either("shiftPixels", 4), either("shiftPixels", 5), between(u[7], contrast), either("brightness", 8)])
        outputs["flipped"].append(int(u[6] < flips))
        w, h = (min(side, sides[0] + math.floor(x * (sides[1] - sides[0] + 1))) for side, x in ((width, u[10]), (height, u[11])))
        place = [math.floor(u[12] * (width - w + 1)), math.floor(u[13] * (height - h + 1))]
        outputs["erased"].append([*place, int(w), int(h)] if u[9] < erases else [0, 0, 0, 0])
        outputs["crop"].append(crop(u[14:], height, width, area, ratio) if area else (0, 0, width, height))
    numbers = torch.tensor(outputs.pop("numbers"), dtype=torch.float64).to(prompt.dtype)
    return {"numbers": numbers} | {name: np.array(values, np.int64) for name, values in outputs.items()}
