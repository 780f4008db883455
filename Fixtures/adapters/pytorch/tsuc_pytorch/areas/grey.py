"""Grey views by grid_sample.

The map and its grid are worked out element by element: as matrix products, as in affine_grid, their factors would be
rounded with --products, and with them the places by parts of a pixel, on a GPU with TF32 as here.
"""
import functools
import math

import torch
import torch.nn.functional as F

from ..registry import operation


def product(a, b):
    """A small matrix product of full precision."""
    return (a[:, :, None] * b).sum(1)


def theta(prompt, height, width):
    """The 2 × 3 matrix of affine_grid, one 3 × 3 factor a step."""
    def factor(*rows):
        return torch.tensor([*rows, (0.0, 0.0, 1.0)])

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
    image = prompt.tensor("image")
    height, width = image.shape[1:]
    places = grid(theta(prompt, height, width), height, width)[None]
    # In pixels, as the definition tells them.
    pixels = ((places[0] + 1) * torch.tensor([width, height], dtype=places.dtype) - 1) / 2
    sampled = F.grid_sample(image[None], places, "bilinear", "zeros", align_corners=False)[0]
    contrasted = sampled * prompt.parameter("contrast", 1)
    brightened = torch.where(contrasted > 0.05, contrasted + prompt.parameter("brightness", 0), contrasted)
    noted = {
        "places": pixels.movedim(2, 0), "sampled": sampled, "contrasted": contrasted, "brightened": brightened.clone()}
    y = brightened
    left, top, w, h = prompt.parameter("erased", [0, 0, 0, 0])
    y[:, top:top + h, left:left + w] = 0
    mean, deviation = prompt.optional("mean"), prompt.optional("deviation")
    if mean is not None:
        mean, deviation = (torch.tensor([float(n) for n in numbers])[:, None, None] for numbers in (mean, deviation))
        y = (y - mean) / deviation
    return {"y": y} | noted
