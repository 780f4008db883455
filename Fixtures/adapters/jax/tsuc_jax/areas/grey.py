"""Grey views: where each pixel comes from, then bilinear sampling with zeros outside."""
import math

import jax.numpy as jnp
from jax.scipy.ndimage import map_coordinates

from ..registry import call, operation


def coordinates(size, pixel_map, number, offset):
    """Normalised places (x, y) under one row of a map, as pixels along the axis that has `number` of them."""
    height, width = size
    x, y = ((2 * jnp.arange(n, dtype=pixel_map.dtype) + 1) / n - 1 for n in (width, height))
    place = pixel_map[0] * x[None] + pixel_map[1] * y[:, None] + offset
    return ((place + 1) * number - 1) / 2


def sampled(image, linear, offsets, contrast, brightness):
    size = image.shape[1:]
    rows = coordinates(size, linear[1], size[0], offsets[1])
    columns = coordinates(size, linear[0], size[1], offsets[0])
    y = contrast * jnp.stack([map_coordinates(channel, [rows, columns], order=1, mode="constant") for channel in image])
    return jnp.where(y > 0.05, y + brightness, y)


def affine_map(prompt, height, width):
    """c + h ∘ (R K D F (x, y) + s) as a matrix and a vector, in double precision."""
    phi, shear = math.radians(prompt.parameter("rotationDegrees", 0)), prompt.parameter("shear", 0)
    zoom, stretch = prompt.parameter("zoom", 1), prompt.parameter("stretch", 1)
    left, top, w, h = prompt.parameter("crop", [0, 0, width, height])
    of_x = (-1 if prompt.parameter("flipped", False) else 1) / (zoom * stretch)
    of_y = stretch / zoom
    rows = ((math.cos(phi), -math.sin(phi)), (math.sin(phi), math.cos(phi)))
    shares = w / width, h / height
    linear = [[share * a * of_x, share * (a * shear + b) * of_y] for share, (a, b) in zip(shares, rows)]
    shifts = 2 * prompt.parameter("shiftX", 0) / width, 2 * prompt.parameter("shiftY", 0) / height
    centres = (2 * left + w) / width - 1, (2 * top + h) / height - 1
    return linear, [centre + share * shift for centre, share, shift in zip(centres, shares, shifts)]


@operation("grey-view")
def grey_view(prompt):
    image = prompt.real("image")
    linear, offsets = map(prompt.reals, affine_map(prompt, *image.shape[1:]))
    factors = (prompt.reals(prompt.parameter(name, default)) for name, default in (("contrast", 1), ("brightness", 0)))
    y = call(sampled, image, linear, offsets, *factors)
    left, top, w, h = prompt.parameter("erased", [0, 0, 0, 0])
    y = y.at[:, top:top + h, left:left + w].set(0)
    if prompt.optional("mean") is not None:
        mean, deviation = (prompt.reals(prompt.parameter(name))[:, None, None] for name in ("mean", "deviation"))
        y = (y - mean) / deviation
    return {"y": y}
