"""Colour augmentation of bytes, by Pillow itself; images are 3 × height × width."""
import numpy as np
import torch
from PIL import Image, ImageEnhance

from ..registry import operation


def picture(planes, mode="RGB"):
    return Image.merge(mode, [Image.fromarray(np.ascontiguousarray(plane)) for plane in planes])


def planes(image):
    return np.stack([np.asarray(band) for band in image.split()])


def resized_crop(image, prompt):
    left, top, width, height = (prompt.parameter(name) for name in ("left", "top", "width", "height"))
    size = prompt.parameter("outputWidth"), prompt.parameter("outputHeight")
    box = image.crop((left, top, left + width, top + height))
    if prompt.choice("passes", ("automatic", "rows-first"), "automatic") == "rows-first":
        # Pillow 13 chooses the order of its two passes, and bytes lie between them; two calls fix it.
        box = box.resize((size[0], height), Image.Resampling.BILINEAR)
    return box.resize(size, Image.Resampling.BILINEAR)


def hue(image, shift):
    """Turns the circle of hues by a part of it, cut to whole 255ths."""
    h, s, v = image.convert("HSV").split()
    turned = (np.asarray(h).astype(np.int64) + int(shift * 255)) % 256
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


def register(name, change):
    operation(name)(lambda prompt: {"y": planes(change(prompt))})


register("resized-crop", lambda prompt: resized_crop(picture(prompt.bytes("image")), prompt))
register("greyscale", lambda prompt: greyscale(picture(prompt.bytes("image"))))
register("flip", lambda prompt: flip(picture(prompt.bytes("image"))))
register("rgb-to-hsv", lambda prompt: picture(prompt.bytes("image")).convert("HSV"))
register("hsv-to-rgb", lambda prompt: picture(prompt.bytes("image"), "HSV").convert("RGB"))
for name in ("brightness", "contrast", "saturation"):
    register(name, lambda prompt, change=JITTER[name]: change(picture(prompt.bytes("image")), prompt.parameter("factor")))
register("hue", lambda prompt: hue(picture(prompt.bytes("image")), prompt.parameter("shift")))


@operation("colour-view")
def colour_view(prompt):
    cropped = jittered = resized_crop(picture(prompt.bytes("image")), prompt)
    # Without jitter its order and amounts may be given or not, and do not matter.
    order, amounts = prompt.optional("order"), [(name, prompt.optional(name)) for name in JITTER]
    for place in order if prompt.parameter("jittered") else []:
        name, amount = amounts[place]
        jittered = JITTER[name](jittered, amount)
    y = greyscale(jittered) if prompt.parameter("greyscale") else jittered
    y = flip(y) if prompt.parameter("flipped") else y
    return {"cropped": planes(cropped), "jittered": planes(jittered), "y": planes(y)}


@operation("image-normalisation")
def image_normalisation(prompt):
    mean, deviation = (torch.tensor(prompt.parameter(name), dtype=prompt.dtype) for name in ("mean", "deviation"))
    pixels = torch.tensor(prompt.bytes("image")).to(prompt.dtype) / 255
    return {"y": (pixels - mean[:, None, None]) / deviation[:, None, None]}
