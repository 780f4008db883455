"""Writes Fixtures/images/rand-augment.json: RandAugment's operations and views by Pillow, driven as the programs of RUC and
SCAN drive it. The random numbers are the Philox of pillow_views.py in the order that the package documents.

    python rand_augment.py > ../images/rand-augment.json          (Pillow 13.0.0, NumPy 2.4.6)
"""
import hashlib
import json
import math

import numpy
import PIL
from PIL import Image, ImageDraw

import pillow_views as views
from pillow_rand import GEOMETRIC, KINDS, apply, ruc_value, scan_value

BLOCK = 40


def to_pillow(planes):
    """RGB of three planes, or L of one."""
    return views.to_pillow(planes) if len(planes) == 3 else Image.fromarray(planes[0])


def from_pillow(image):
    return views.from_pillow(image) if image.mode == "RGB" else numpy.asarray(image)[None]


def noise(image, height, width, seed):
    return (views.words(3 * height * width, seed, 0, image=image) >> numpy.uint64(24)).astype(numpy.uint8).reshape(
        3, height, width)


def dim(image, height, width, seed):
    """Noise in a part of the range, unlike in each channel, and with few values: 40 + 30 c + noise / (8 + 30 c)."""
    planes = noise(image, height, width, seed).astype(int)
    channel = numpy.arange(3)[:, None, None]
    return (40 + 30 * channel + planes // (8 + 30 * channel)).astype(numpy.uint8)


def picture(image, height, width, seed):
    return (noise if image % 2 == 0 else dim)(image, height, width, seed)


VALUES = {
    "brightness": (0, 0.05, 0.109, 0.5, 0.95, 1.3), "color": (0, 0.109, 0.5, 0.95, 1.7), "contrast": (0, 0.109, 0.5, 0.95, 1.7),
    "posterize": (1, 2, 3, 4, 5, 6, 7, 8), "rotate": (-45, -41, -30, -17.3, -0.4, 0, 0.01, 3, 22.5, 30, 44.9, 45),
    "sharpness": (0, 0.05, 0.109, 0.5, 0.95, 1, 2.5), "shearX": (-1, -0.3, -0.27, -0.1, -0.013, 0, 0.05, 0.27, 0.9),
    "shearY": (-1, -0.3, -0.27, -0.1, -0.013, 0, 0.05, 0.27, 0.9), "solarize": (0, 0.5, 12.4, 128, 231, 255.5, 256),
    "translateX": (-40, -8, -3.2, -0.5, -0.4, 0, 0.49, 0.5, 0.51, 2.7, 9), "translateY": (-40, -8, -3.2, -0.5, 0, 0.5, 2.7, 9)}
SIZES = ((32, 32), (17, 23), (40, 9), (3, 3), (2, 5), (5, 2), (1, 1))


def operations():
    for kind in KINDS:
        state, values = hashlib.sha256(), VALUES.get(kind, (0,))
        for value in values:
            for number, (height, width) in enumerate(SIZES):
                for image in (number * 2, number * 2 + 1):
                    planes = picture(image, height, width, 41)
                    state.update(views.from_pillow(apply(views.to_pillow(planes), kind, value)).tobytes())
        yield dict(kind=kind, values=values, digest=state.hexdigest())


def view(settings, seed, epoch, image, number, planes):
    """The view's bytes, and for SCAN the box that is emptied after normalisation."""
    height, width = planes.shape[1:]
    count = settings["operationCount"]
    u = [int(w >> numpy.uint64(8)) * 2.0 ** -24 for w in views.words(26 + 4 * count, seed, 5, epoch, image, number)]
    cut = to_pillow(planes)
    if "crop" in settings:
        box = views.crop_box(u, height, width, settings["crop"]["area"], settings["crop"]["ratio"])
        cut = views.resized_crop(cut, box, height, width)
    if u[22] < settings["flipProbability"]:
        cut = cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    kinds = list(KINDS)
    for k in range(count):
        which, magnitude, done, turned = u[26 + 4 * k:30 + 4 * k]
        place = math.floor(which * len(kinds))
        kind = kinds.pop(place) if settings["variant"] == "ruc" else kinds[place]
        sign = -1 if kind in GEOMETRIC and turned < 0.5 else 1
        size = height if kind == "translateY" else width
        if done < settings["probability"]:
            value = (ruc_value(kind, 1 + math.floor(magnitude * (settings["magnitude"] - 1)), sign, size)
                     if settings["variant"] == "ruc" else scan_value(kind, magnitude, sign, size))
            cut = apply(cut, kind, value)
    side = settings["cutoutSide"]
    if settings["variant"] == "ruc":
        cut = cut.copy()
        left, top = int(max(0, u[24] * width - side / 2)), int(max(0, u[25] * height - side / 2))
        corners = (left, top, int(min(width, left + side)), int(min(height, top + side)))
        ImageDraw.Draw(cut).rectangle(corners, (127, 127, 127)[:len(planes)])
        return from_pillow(cut), ()
    half = (1 + math.floor(u[23] * side)) // 2
    x, y = math.floor(u[24] * width), math.floor(u[25] * height)
    mask = numpy.ones((height, width), numpy.uint8)
    mask[max(0, y - half):min(height, y + half), max(0, x - half):min(width, x + half)] = 0
    return from_pillow(cut), mask


def runs():
    crop = dict(area=[0.2, 1], ratio=[3 / 4, 4 / 3])
    ruc = dict(variant="ruc", operationCount=2, magnitude=2, probability=0.5, crop=crop, flipProbability=0.5, cutoutSide=16)
    scan = dict(variant="scan", operationCount=4, magnitude=2, probability=1, flipProbability=0.5, cutoutSide=16)
    whole = dict(ruc, magnitude=10, probability=1, operationCount=14)
    for name, channels, settings, size, count in (
            ("RUC", 3, ruc, (32, 32), 200), ("RUC, ten levels, all done", 3, whole, (32, 32), 160),
            ("RUC, oblong, small cutout", 3, dict(ruc, magnitude=6, probability=0.8, operationCount=5, cutoutSide=5), (21, 33), 200),
            ("SCAN", 3, scan, (32, 32), 320), ("SCAN, oblong, large cutout", 3, dict(scan, cutoutSide=32), (40, 25), 200),
            ("RUC, grey", 1, dict(whole, operationCount=3), (28, 28), 320), ("SCAN, grey", 1, scan, (28, 28), 320)):
        digests = []
        for start in range(0, count, BLOCK):
            state = hashlib.sha256()
            for number in range(start, start + BLOCK):
                image = number // 2
                result, mask = view(settings, 91, 3, image, number % 2, picture(image, *size, 42)[:channels])
                state.update(result.tobytes())
                state.update(bytes(mask.tobytes() if len(mask) else b""))
            digests.append(state.hexdigest())
        yield dict(name=name, channels=channels, augmentation=settings, seed=91, epoch=3, views=count, height=size[0], width=size[1],
                   blockSize=BLOCK, digests=digests)


print(json.dumps(dict(pillow=PIL.__version__, numpy=numpy.__version__, sizes=SIZES, operations=list(operations()),
                      runs=list(runs())), indent=1))
