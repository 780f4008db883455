"""Views of colour pictures by Pillow, and their random parameters by a Philox of its own: what two programs here share.

Needs Pillow 13.0.0 and NumPy 2.4.6. Pictures are NumPy bytes of 3 x H x W. Nothing here follows the package's code:
pixels are Pillow's work, driven as torchvision drives it, and the draws follow the order that the package documents.
"""
import math

import numpy
from PIL import Image, ImageEnhance

MASK = numpy.uint64(0xFFFFFFFF)
SHIFT = numpy.uint64(32)


def philox(counters, key):
    """The four words of every counter (n x 4) after ten rounds of Philox4x32."""
    a, b, c, d = (counters[:, i].astype(numpy.uint64) for i in range(4))
    first, second = (numpy.uint64(k) for k in key)
    for _ in range(10):
        low, high = a * numpy.uint64(0xD2511F53), c * numpy.uint64(0xCD9E8D57)
        a, b, c, d = (high >> SHIFT) ^ b ^ first, high & MASK, (low >> SHIFT) ^ d ^ second, low & MASK
        first, second = (first + numpy.uint64(0x9E3779B9)) & MASK, (second + numpy.uint64(0xBB67AE85)) & MASK
    return numpy.stack([a, b, c, d], axis=1)


def words(count, seed, purpose, epoch=0, image=0, view=0):
    """The first words of one stream."""
    counters = numpy.zeros(((count + 3) // 4, 4), dtype=numpy.uint64)
    counters[:, 0] = numpy.arange(len(counters))
    counters[:, 1:] = view, image, epoch
    return philox(counters, (seed, purpose)).reshape(-1)[:count]


def crop_box(u, height, width, area, ratio):
    """(left, top, width, height) from 22 uniform numbers."""
    def between(low, high, x):
        return low + (high - low) * x

    for t in range(10):
        part = between(area[0], area[1], u[2 * t]) * (height * width)
        r = math.exp(between(math.log(ratio[0]), math.log(ratio[1]), u[2 * t + 1]))
        w, h = round(math.sqrt(part * r)), round(math.sqrt(part / r))
        if 1 <= w <= width and 1 <= h <= height:
            return math.floor(u[20] * (width - w + 1)), math.floor(u[21] * (height - h + 1)), w, h
    w, h = width, height
    if width / height > ratio[1]:
        w = min(width, max(1, round(height * ratio[1])))
    elif width / height < ratio[0]:
        h = min(height, max(1, round(width / ratio[0])))
    return (width - w) // 2, (height - h) // 2, w, h


def draw(settings, seed, epoch, image, view, height, width):
    """The parameters of one view: 32 words of its stream."""
    u = [int(w >> numpy.uint64(8)) * 2.0 ** -24 for w in words(32, seed, 5, epoch, image, view)]
    order = [0, 1, 2, 3]
    for word, last in ((23, 3), (24, 2), (25, 1)):
        other = math.floor(u[word] * (last + 1))
        order[last], order[other] = order[other], order[last]
    names = ("brightness", "contrast", "saturation", "hue")
    crop = settings.get("crop")
    return dict(
        box=crop_box(u, height, width, crop["area"], crop["ratio"]) if crop else (0, 0, width, height),
        jittered=u[22] < settings["jitterProbability"], order=order,
        factors=[settings[n][0] + (settings[n][1] - settings[n][0]) * u[26 + i] for i, n in enumerate(names)],
        greyscale=u[30] < settings["greyscaleProbability"], flipped=u[31] < settings["flipProbability"])


def to_pillow(planes):
    return Image.fromarray(numpy.ascontiguousarray(planes.transpose(1, 2, 0)))


def from_pillow(picture):
    return numpy.ascontiguousarray(numpy.asarray(picture).transpose(2, 0, 1))


def resized_crop(picture, box, height, width, passes="automatic"):
    """Pillow 13 chooses which axis comes first; earlier versions took the width first, as two separate calls do."""
    left, top, w, h = box
    cut = picture.crop((left, top, left + w, top + h))
    if passes == "rows-first":
        cut = cut.resize((width, h), Image.Resampling.BILINEAR)
    return cut.resize((width, height), Image.Resampling.BILINEAR)


def hue(picture, shift):
    h, s, v = picture.convert("HSV").split()
    turned = numpy.asarray(h).astype(numpy.int64) + int(shift * 255)
    return Image.merge("HSV", (Image.fromarray((turned % 256).astype(numpy.uint8)), s, v)).convert("RGB")


def greyscale(picture):
    return Image.merge("RGB", [picture.convert("L")] * 3)


def flip(picture):
    return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


JITTER = (
    lambda picture, factor: ImageEnhance.Brightness(picture).enhance(factor),
    lambda picture, factor: ImageEnhance.Contrast(picture).enhance(factor),
    lambda picture, factor: ImageEnhance.Color(picture).enhance(factor),
    hue,
)


def view(planes, parameters, height, width, passes="automatic"):
    """The view's three stages: after the crop, after the jitter, and the view itself."""
    cropped = resized_crop(to_pillow(planes), parameters["box"], height, width, passes)
    jittered = cropped
    if parameters["jittered"]:
        for i in parameters["order"]:
            jittered = JITTER[i](jittered, parameters["factors"][i])
    result = greyscale(jittered) if parameters["greyscale"] else jittered
    result = flip(result) if parameters["flipped"] else result
    return from_pillow(cropped), from_pillow(jittered), from_pillow(result)


def to_hsv(planes):
    return from_pillow(to_pillow(planes).convert("HSV"))


def from_hsv(planes):
    return from_pillow(Image.merge("HSV", [Image.fromarray(plane) for plane in planes]).convert("RGB"))
