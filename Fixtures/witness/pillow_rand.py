"""RandAugment by Pillow, driven as the programs of RUC and SCAN drive it: operations, views under explicit parameters, draws."""
import math

import numpy
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

import pillow_views as views

KINDS = ("autoContrast", "brightness", "color", "contrast", "equalize", "identity", "posterize", "rotate", "sharpness",
         "shearX", "shearY", "solarize", "translateX", "translateY")
GEOMETRIC = {"rotate", "shearX", "shearY", "translateX", "translateY"}
RANGES = {"rotate": (-30, 30), "solarize": (0, 256), "posterize": (4, 8), "shearX": (-0.1, 0.1), "shearY": (-0.1, 0.1),
          "translateX": (-0.1, 0.1), "translateY": (-0.1, 0.1), "autoContrast": (0, 0), "equalize": (0, 0), "identity": (0, 0)}


def affine(image, *numbers):
    return image.transform(image.size, Image.Transform.AFFINE, numbers)


def apply(image, kind, value):
    """A Pillow picture after one operation."""
    enhance = {"brightness": ImageEnhance.Brightness, "color": ImageEnhance.Color, "contrast": ImageEnhance.Contrast,
               "sharpness": ImageEnhance.Sharpness}
    if kind in enhance:
        return enhance[kind](image).enhance(value)
    return {
        "autoContrast": lambda: ImageOps.autocontrast(image), "equalize": lambda: ImageOps.equalize(image),
        "identity": lambda: image, "posterize": lambda: ImageOps.posterize(image, int(value)),
        "rotate": lambda: image.rotate(value), "solarize": lambda: ImageOps.solarize(image, value),
        "shearX": lambda: affine(image, 1, value, 0, 0, 1, 0), "shearY": lambda: affine(image, 1, 0, 0, value, 1, 0),
        "translateX": lambda: affine(image, 1, 0, value, 0, 1, 0), "translateY": lambda: affine(image, 1, 0, 0, 0, 1, value),
    }[kind]()


def explicit_view(planes, p):
    """The bytes of a view of given parameters."""
    height, width = planes.shape[1:]
    box = p.get("left", 0), p.get("top", 0), p.get("width", width), p.get("height", height)
    picture = views.resized_crop(views.to_pillow(planes), box, height, width)
    if p.get("flipped", False):
        picture = views.flip(picture)
    for kind, value in zip(p.get("operations", []), p.get("values", []), strict=True):
        picture = apply(picture, kind, value)
    left, top, w, h = p.get("cutout", (0, 0, 0, 0))
    if p.get("fill") == "grey" and w > 0 and h > 0:
        picture = picture.copy()
        # The last column and row of a drawn rectangle are inside it.
        ImageDraw.Draw(picture).rectangle((left, top, left + w - 1, top + h - 1), (127, 127, 127))
    return views.from_pillow(picture)


def ruc_value(kind, level, sign, size):
    """A level of 10."""
    if kind in ("autoContrast", "equalize", "identity"):
        return 0
    if kind in ("brightness", "color", "contrast", "sharpness"):
        return float(level) * 0.99 / 10 + 0.01
    if kind == "posterize":
        return int(level * 1 / 10) + 8
    if kind == "rotate":
        return sign * (int(level * 45 / 10) - 45)
    if kind == "solarize":
        return 256 - int(level * 256 / 10)
    value = sign * (float(level) * 0.3 / 10 - 0.3)
    return int(value * size) if kind.startswith("translate") else value


def scan_value(kind, u, sign, size):
    """Uniform in a range."""
    low, high = RANGES.get(kind, (0.05, 0.95))
    value = u * float(high - low) + low
    if kind == "posterize":
        return int(value)
    return sign * value * size if kind.startswith("translate") else sign * value


def cutout(settings, u, height, width):
    """left, top, width, height of the pixels that a drawn rectangle, or a mask, covers; nothing for a side of 0."""
    side = settings.get("cutoutSide", 16)
    mask = numpy.zeros((height, width), bool)
    if side and settings["variant"] == "ruc":
        left, top = int(max(0, u[24] * width - side / 2)), int(max(0, u[25] * height - side / 2))
        picture = Image.new("L", (width, height))
        corners = left, top, int(min(width, left + side)), int(min(height, top + side))
        ImageDraw.Draw(picture).rectangle(corners, 255)
        mask = numpy.asarray(picture) > 0
    elif side:
        half = (1 + math.floor(u[23] * side)) // 2
        x, y = math.floor(u[24] * width), math.floor(u[25] * height)
        return (max(0, x - half), max(0, y - half), min(width, x + half) - max(0, x - half),
                min(height, y + half) - max(0, y - half))
    rows, columns = numpy.nonzero(mask)
    if not len(rows):
        return 0, 0, 0, 0
    return columns.min(), rows.min(), columns.max() - columns.min() + 1, rows.max() - rows.min() + 1


def draw(settings, seed, epoch, image, view, height, width):
    """The parameters of one view."""
    is_ruc = settings["variant"] == "ruc"
    count = settings.get("operationCount", 2 if is_ruc else 4)
    u = [int(w >> numpy.uint64(8)) * 2.0 ** -24 for w in views.words(26 + 4 * count, seed, 5, epoch, image, view)]
    box = 0, 0, width, height
    if "cropArea" in settings:
        box = views.crop_box(u, height, width, settings["cropArea"], settings.get("cropRatio", (3 / 4, 4 / 3)))
    kinds, operations = list(KINDS), []
    for k in range(count):
        which, strength, done, turned = u[26 + 4 * k:30 + 4 * k]
        place = math.floor(which * len(kinds))
        kind = kinds.pop(place) if is_ruc else kinds[place]
        sign = -1 if kind in GEOMETRIC and turned < 0.5 else 1
        size = height if kind == "translateY" else width
        if done < settings.get("probability", 0.5 if is_ruc else 1):
            level = 1 + math.floor(strength * (settings.get("magnitude", 2) - 1))
            operations.append((kind, ruc_value(kind, level, sign, size) if is_ruc else scan_value(kind, strength, sign, size)))
    return dict(box=box, flipped=int(u[22] < settings.get("flipProbability", 0.5)), operations=operations,
                cutout=cutout(settings, u, height, width))
