"""RandAugment: tables and histograms in numpy, geometry and blends by Pillow, and the draws of RUC and SCAN."""
import math

import numpy as np
import torch
from PIL import Image, ImageEnhance

from ..philox import AUGMENTATION, Stream
from ..registry import operation
from .augment import flip, picture, planes
from .rng import crop

KINDS = ("autoContrast", "brightness", "color", "contrast", "equalize", "identity", "posterize", "rotate", "sharpness",
         "shearX", "shearY", "solarize", "translateX", "translateY")
BLENDS = {"brightness": ImageEnhance.Brightness, "color": ImageEnhance.Color, "contrast": ImageEnhance.Contrast,
          "sharpness": ImageEnhance.Sharpness}
GEOMETRY = {"shearX": lambda v: (1, v, 0, 0, 1, 0), "shearY": lambda v: (1, 0, 0, v, 1, 0),
            "translateX": lambda v: (1, 0, v, 0, 1, 0), "translateY": lambda v: (1, 0, 0, 0, 1, v)}


def stretched(plane):
    """One channel from its darkest to its brightest byte."""
    low, high = int(plane.min()), int(plane.max())
    if low == high:
        return plane
    scale = 255 / (high - low)
    return np.clip(np.trunc(plane * scale + -low * scale), 0, 255).astype(np.uint8)


def equalised(plane):
    """One channel through its cumulative histogram, as Pillow counts it."""
    histogram = np.bincount(plane.ravel(), minlength=256)
    step = (histogram.sum() - histogram[histogram > 0][-1]) // 255
    if step == 0:
        return plane
    before = step // 2 + np.concatenate([[0], histogram.cumsum()[:-1]])
    return np.minimum(before // step, 255).astype(np.uint8)[plane]


TABLES = {
    "autoContrast": lambda plane, value: stretched(plane), "equalize": lambda plane, value: equalised(plane),
    "posterize": lambda plane, value: plane & np.uint8(256 - 2 ** (8 - int(value))),
    "solarize": lambda plane, value: np.where(plane < value, plane, 255 - plane).astype(np.uint8),
    "identity": lambda plane, value: plane,
}


def applied(image, kind, value):
    """A Pillow picture after one operation."""
    if kind in TABLES:
        return picture([TABLES[kind](plane, value) for plane in planes(image)])
    if kind in BLENDS:
        return BLENDS[kind](image).enhance(value)
    if kind == "rotate":
        return image.rotate(value)
    return image.transform(image.size, Image.Transform.AFFINE, GEOMETRY[kind](value))


@operation("rand-operation")
def rand_operation(prompt):
    return {"y": planes(applied(picture(prompt.bytes("image")), prompt.parameter("kind"), prompt.optional("value")))}


@operation("rand-view")
def rand_view(prompt):
    image = picture(prompt.bytes("image"))
    width, height = image.size
    left, top = prompt.parameter("left", 0), prompt.parameter("top", 0)
    w, h = prompt.parameter("width", width), prompt.parameter("height", height)
    y = image.crop((left, top, left + w, top + h)).resize((width, height), Image.Resampling.BILINEAR)
    y = flip(y) if prompt.parameter("flipped", False) else y
    for kind, value in zip(prompt.parameter("operations", []), prompt.parameter("values", []), strict=True):
        y = applied(y, kind, value)
    y = planes(y).copy()
    x, row, w, h = prompt.parameter("cutout", [0, 0, 0, 0])
    fill = prompt.parameter("fill", "none")
    if fill == "grey":
        y[:, row:row + h, x:x + w] = 127
    mean, deviation = (torch.tensor(prompt.parameter(name), dtype=prompt.dtype) for name in ("mean", "deviation"))
    normalised = (torch.from_numpy(y).to(prompt.dtype) / 255 - mean[:, None, None]) / deviation[:, None, None]
    if fill == "mean":
        normalised[:, row:row + h, x:x + w] = 0
    return {"y": y, "normalised": normalised}


def ruc_value(kind, level, sign, side):
    if kind in BLENDS:
        return 0.01 + 0.99 * level / 10
    shift = 0.3 * level / 10 - 0.3
    return {"posterize": 8 + level // 10, "rotate": sign * (level * 45 // 10 - 45), "shearX": sign * shift,
            "shearY": sign * shift, "solarize": 256 - level * 256 // 10, "translateX": sign * math.trunc(shift * side),
            "translateY": sign * math.trunc(shift * side)}.get(kind, 0)


def scan_value(kind, u, sign, side):
    if kind in BLENDS:
        return 0.05 + 0.9 * u
    tenth = sign * (0.2 * u - 0.1)
    return {"posterize": math.trunc(4 + 4 * u), "rotate": sign * (60 * u - 30), "shearX": tenth, "shearY": tenth,
            "solarize": 256 * u, "translateX": tenth * side, "translateY": tenth * side}.get(kind, 0)


def cutout(u, variant, side, height, width):
    """left, top, width, height."""
    if side == 0:
        return 0, 0, 0, 0
    if variant == "ruc":
        starts = [max(0, math.trunc(x * n - side / 2)) for x, n in ((u[24], width), (u[25], height))]
        ends = [min(n, start + side + 1) for start, n in zip(starts, (width, height))]
    else:
        half = (1 + math.floor(u[23] * side)) // 2
        centres = [math.floor(x * n) for x, n in ((u[24], width), (u[25], height))]
        starts = [max(0, c - half) for c in centres]
        ends = [min(n, c + half) for c, n in zip(centres, (width, height))]
    return *starts, ends[0] - starts[0], ends[1] - starts[1]


@operation("rand-parameters")
def rand_parameters(prompt):
    height, width = prompt.parameter("height"), prompt.parameter("width")
    keys = {name: prompt.parameter(name, 0) for name in ("epoch", "view")}
    variant = prompt.choice("variant", ("ruc", "scan"), None)
    is_ruc = variant == "ruc"
    count, probability = prompt.parameter("operationCount", 2 if is_ruc else 4), prompt.parameter("probability", 0.5 if is_ruc else 1)
    magnitude, flips, side = (prompt.parameter(n, d) for n, d in (("magnitude", 2), ("flipProbability", 0.5), ("cutoutSide", 16)))
    area, ratio = prompt.optional("cropArea"), prompt.parameter("cropRatio", [3 / 4, 4 / 3])
    outputs = {name: [] for name in ("crop", "flipped", "kinds", "values", "cutout")}
    for image in prompt.parameter("images"):
        u = Stream(prompt.parameter("seed"), AUGMENTATION, image=image, **keys).uniforms(26 + 4 * count)
        outputs["crop"].append(crop(u[:22], height, width, area, ratio) if area else (0, 0, width, height))
        outputs["flipped"].append(int(u[22] < flips))
        outputs["cutout"].append(cutout(u, variant, side, height, width))
        left, kinds, values = list(KINDS), [], []
        for which, strength, done, turned in u[26:].reshape(count, 4):
            kind = left[math.floor(which * len(left))]
            if is_ruc:
                left.remove(kind)
            if done < probability:
                sign = -1 if turned < 0.5 and kind in (*GEOMETRY, "rotate") else 1
                length = height if kind == "translateY" else width
                kinds.append(KINDS.index(kind))
                values.append(ruc_value(kind, 1 + math.floor(strength * (magnitude - 1)), sign, length) if is_ruc
                              else scan_value(kind, strength, sign, length))
        outputs["kinds"].append(kinds + [-1] * (count - len(kinds)))
        outputs["values"].append(values + [0] * (count - len(values)))
    values = torch.tensor(outputs.pop("values"), dtype=torch.float64).to(prompt.dtype)
    return {"values": values} | {name: np.array(numbers, np.int64) for name, numbers in outputs.items()}
