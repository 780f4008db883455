"""Augmentation of bytes, by Pillow itself; images are 3 × height × width. RandAugment's tables are in NumPy."""
import numpy as np
from PIL import Image, ImageEnhance

from ..registry import operation


def picture(planes, mode="RGB"):
    return Image.merge(mode, [Image.fromarray(np.ascontiguousarray(plane)) for plane in planes])


def planes(image):
    return np.stack([np.asarray(band) for band in image.split()])


def resized(image, size):
    return image.resize(size, Image.Resampling.BILINEAR)


def resized_crop(image, prompt):
    """The view; the bytes of the box, and those after the first pass."""
    left, top, width, height = (prompt.parameter(name) for name in ("left", "top", "width", "height"))
    size = prompt.parameter("outputWidth"), prompt.parameter("outputHeight")
    box = image.crop((left, top, left + width, top + height))
    passes = prompt.choice("passes", ("automatic", "rows-first"), "automatic")
    # Pillow 13 chooses the order of its two passes, and bytes lie between them; two calls fix it, and show them.
    columns_first = passes == "automatic" and height > size[1] and height - size[1] > 2 * (width - size[0])
    narrowed = resized(box, (width, size[1]) if columns_first else (size[0], height))
    y = resized(box if passes == "automatic" else narrowed, size)
    return y, {"cut": planes(box), "narrowed": planes(narrowed)}


def hue_steps(shift):
    """A part of the circle of hues in whole 255ths, cut."""
    return int(shift * 255)


def hue(image, shift):
    """Turns the circle of hues by a part of it."""
    h, s, v = image.convert("HSV").split()
    turned = (np.asarray(h).astype(np.int64) + hue_steps(shift)) % 256
    return Image.merge("HSV", (Image.fromarray(turned.astype(np.uint8)), s, v)).convert("RGB")


def greyscale(image):
    return Image.merge("RGB", [image.convert("L")] * 3)


def flip(image):
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


# In the order in which a colour view numbers them.
JITTER = {
    "brightness": lambda image, factor: ImageEnhance.Brightness(image).enhance(factor),
    "contrast": lambda image, factor: ImageEnhance.Contrast(image).enhance(factor),
    "saturation": lambda image, factor: ImageEnhance.Color(image).enhance(factor),
    "hue": hue,
}


# What lies on the way of a change of colours.
NOTES = {
    "contrast": lambda image, factor: {"mean": np.int64(np.asarray(image.convert("L")).mean() + 0.5)},
    "saturation": lambda image, factor: {"luminance": np.asarray(image.convert("L"))},
    "hue": lambda image, shift: {"hue-steps": np.int64(hue_steps(shift)), "hsv": planes(image.convert("HSV"))},
}


def register(name, change):
    operation(name)(lambda prompt: {"y": planes(change(prompt))})


@operation("resized-crop")
def resized_crop_alone(prompt):
    y, noted = resized_crop(picture(prompt.bytes("image")), prompt)
    return {"y": planes(y)} | noted


register("greyscale", lambda prompt: greyscale(picture(prompt.bytes("image"))))
register("flip", lambda prompt: flip(picture(prompt.bytes("image"))))
register("rgb-to-hsv", lambda prompt: picture(prompt.bytes("image")).convert("HSV"))
register("hsv-to-rgb", lambda prompt: picture(prompt.bytes("image"), "HSV").convert("RGB"))
for name, change in JITTER.items():
    @operation(name)
    def changed(prompt, name=name, change=change):
        image, amount = picture(prompt.bytes("image")), prompt.parameter("shift" if name == "hue" else "factor")
        return {"y": planes(change(image, amount))} | (NOTES[name](image, amount) if name in NOTES else {})


@operation("colour-view")
def colour_view(prompt):
    cropped, noted = resized_crop(picture(prompt.bytes("image")), prompt)
    jittered = cropped
    # Without jitter its order and amounts may be given or not, and do not matter.
    order, amounts = prompt.optional("order"), [(name, prompt.optional(name)) for name in JITTER]
    for place in order if prompt.parameter("jittered") else []:
        name, amount = amounts[place]
        jittered = JITTER[name](jittered, amount)
        noted["after-" + name] = planes(jittered)
        if name == "hue":
            noted["hue-steps"] = np.int64(hue_steps(amount))
    grey = greyscale(jittered) if prompt.parameter("greyscale") else jittered
    y = flip(grey) if prompt.parameter("flipped") else grey
    return {"cropped": planes(cropped), "jittered": planes(jittered), "y": planes(y), "grey": planes(grey)} | noted


def normalised(prompt, image):
    """Bytes as real numbers of the run's precision, standardised channel by channel."""
    mean, deviation = (prompt.reals(prompt.parameter(name))[:, None, None] for name in ("mean", "deviation"))
    return (image.astype(prompt.dtype) / 255 - mean) / deviation


@operation("image-normalisation")
def image_normalisation(prompt):
    return {"y": normalised(prompt, prompt.bytes("image"))}


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
BLENDS = {"brightness": ImageEnhance.Brightness, "color": ImageEnhance.Color, "contrast": ImageEnhance.Contrast,
          "sharpness": ImageEnhance.Sharpness}
GEOMETRY = {"shearX": lambda v: (1, v, 0, 0, 1, 0), "shearY": lambda v: (1, 0, 0, v, 1, 0),
            "translateX": lambda v: (1, 0, v, 0, 1, 0), "translateY": lambda v: (1, 0, 0, 0, 1, v)}


def applied(image, kind, value):
    """A Pillow picture after one operation of RandAugment."""
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
    noted = {"cropped": planes(y)}
    y = flip(y) if prompt.parameter("flipped", False) else y
    noted["mirrored"] = planes(y)
    operated = []
    for kind, value in zip(prompt.parameter("operations", []), prompt.parameter("values", []), strict=True):
        y = applied(y, kind, value)
        operated.append(planes(y))
    if operated:
        noted["operated"] = np.stack(operated)
    y = planes(y).copy()
    x, row, w, h = prompt.parameter("cutout", [0, 0, 0, 0])
    fill = prompt.parameter("fill", "none")
    if fill == "grey":
        y[:, row:row + h, x:x + w] = 127
    real = normalised(prompt, y)
    if fill == "mean":
        real[:, row:row + h, x:x + w] = 0
    return {"y": y, "normalised": real} | noted
