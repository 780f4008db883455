"""The draws of a view: from the words of its stream to boxes, angles, factors and kinds."""
import math

import numpy as np

from ..philox import Stream
from ..registry import operation

AUGMENTATION = 5

# RandAugment's operations in the order in which they are numbered.
KINDS = ("autoContrast", "brightness", "color", "contrast", "equalize", "identity", "posterize", "rotate", "sharpness",
         "shearX", "shearY", "solarize", "translateX", "translateY")
BLENDS = ("brightness", "color", "contrast", "sharpness")
SIGNED = ("rotate", "shearX", "shearY", "translateX", "translateY")


def view_streams(prompt, default=None):
    """The stream of each image's view; epoch and view have the default, if there is one."""
    epoch, view = prompt.parameter("epoch", default), prompt.parameter("view", default)
    return [Stream(prompt.parameter("seed"), AUGMENTATION, epoch, image, view) for image in prompt.parameter("images")]


def view_numbers(prompt, count, default=None):
    """The uniform numbers of each image's view."""
    return [stream.uniforms(count) for stream in view_streams(prompt, default)]


def origins(prompt, numbers):
    """Key and first counter of every stream, and the uniform numbers taken from it."""
    keys, counters = zip(*(stream.origin() for stream in view_streams(prompt, 0)))
    return {"keys": np.stack(keys), "counters": np.stack(counters), "uniforms": prompt.reals(numbers)}


def between(u, limits):
    return limits[0] + (limits[1] - limits[0]) * u


def below(u, bound):
    """A whole number below the bound, of one uniform number."""
    return math.floor(u * bound)


def logarithms(limits):
    return [math.log(limit) for limit in limits]


def outputs(prompt, columns, real):
    """Columns of whole numbers as they are, and one of real numbers in the run's precision."""
    numbers = {name: np.array(values, np.int64) for name, values in columns.items() if name != real}
    return {real: prompt.reals(columns[real])} | numbers


def tries(u, height, width, area, ratio):
    """Of ten tries of a box its area in pixels, its width over its height, and both before they are rounded."""
    for attempt in range(10):
        part = between(u[2 * attempt], area) * (height * width)
        shape = math.exp(between(u[2 * attempt + 1], logarithms(ratio)))
        yield part, shape, (math.sqrt(part * shape), math.sqrt(part / shape))


def crop(u, height, width, area, ratio):
    """Ten tries of a box, as torchvision's RandomResizedCrop makes them, and its central box where none fits."""
    for _, _, sides in tries(u, height, width, area, ratio):
        w, h = (round(side) for side in sides)
        if 1 <= w <= width and 1 <= h <= height:
            return below(u[20], width - w + 1), below(u[21], height - h + 1), w, h
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
    numbers = view_numbers(prompt, 22)
    columns = zip(*(zip(*tries(u, *sizes)) for u in numbers))
    noted = {name: prompt.reals(list(column)) for name, column in zip(("areas", "ratios", "sides"), columns)}
    boxes = np.array([crop(u, *sizes) for u in numbers], np.int64)
    return {"boxes": boxes} | noted | origins(prompt, numbers)


@operation("jitter-parameters")
def jitter_parameters(prompt):
    ranges = [prompt.parameter(name) for name in ("brightness", "contrast", "saturation", "hue")]
    columns = {name: [] for name in ("order", "factors", "jittered", "greyscale", "flipped")}
    numbers = view_numbers(prompt, 32)
    for u in numbers:
        order = [0, 1, 2, 3]
        for place, last in zip((23, 24, 25), (3, 2, 1)):
            other = below(u[place], last + 1)
            order[last], order[other] = order[other], order[last]
        columns["order"].append(order)
        columns["factors"].append([between(u[26 + i], limits) for i, limits in enumerate(ranges)])
        for name, place, key in (("jittered", 22, "jitter"), ("greyscale", 30, "greyscale"), ("flipped", 31, "flip")):
            columns[name].append(u[place] < prompt.parameter(key + "Probability"))
    return outputs(prompt, columns, real="factors") | origins(prompt, numbers)


@operation("grey-parameters")
def grey_parameters(prompt):
    height, width = prompt.parameter("height"), prompt.parameter("width")
    signed = {name: prompt.parameter(name, 0) for name in ("rotationDegrees", "shear", "shiftPixels", "brightness")}
    zoom, aspect = prompt.parameter("zoom", [1, 1]), prompt.parameter("aspect", 1)
    contrast, sides = prompt.parameter("contrast", [1, 1]), prompt.parameter("eraseSides", [1, 1])
    flips, erases = prompt.parameter("flipProbability", 0), prompt.parameter("eraseProbability", 0)
    area, ratio = prompt.optional("cropArea"), prompt.parameter("cropRatio", [3 / 4, 4 / 3])
    columns = {name: [] for name in ("numbers", "flipped", "erased", "crop")}
    numbers = view_numbers(prompt, 36, default=0)
    for u in numbers:
        def either(name, word):
            return between(u[word], (-signed[name], signed[name]))

        stretch = math.exp(between(u[3], (-math.log(aspect), math.log(aspect))) / 2)
        columns["numbers"].append([
            either("rotationDegrees", 0), either("shear", 1), math.exp(between(u[2], logarithms(zoom))), stretch,
            either("shiftPixels", 4), either("shiftPixels", 5), between(u[7], contrast), either("brightness", 8)])
        columns["flipped"].append(u[6] < flips)
        lengths = (sides[0] + below(x, sides[1] - sides[0] + 1) for x in (u[10], u[11]))
        w, h = (min(side, length) for side, length in zip((width, height), lengths))
        place = below(u[12], width - w + 1), below(u[13], height - h + 1)
        columns["erased"].append((*place, w, h) if u[9] < erases else (0, 0, 0, 0))
        columns["crop"].append(crop(u[14:], height, width, area, ratio) if area else (0, 0, width, height))
    return outputs(prompt, columns, real="numbers") | origins(prompt, numbers)


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
        half = (1 + below(u[23], side)) // 2
        centres = [below(x, n) for x, n in ((u[24], width), (u[25], height))]
        starts = [max(0, c - half) for c in centres]
        ends = [min(n, c + half) for c, n in zip(centres, (width, height))]
    return *starts, ends[0] - starts[0], ends[1] - starts[1]


@operation("rand-parameters")
def rand_parameters(prompt):
    height, width = prompt.parameter("height"), prompt.parameter("width")
    variant = prompt.choice("variant", ("ruc", "scan"), None)
    is_ruc = variant == "ruc"
    count = prompt.parameter("operationCount", 2 if is_ruc else 4)
    probability = prompt.parameter("probability", 0.5 if is_ruc else 1)
    magnitude, flips = prompt.parameter("magnitude", 2), prompt.parameter("flipProbability", 0.5)
    side, area = prompt.parameter("cutoutSide", 16), prompt.optional("cropArea")
    ratio = prompt.parameter("cropRatio", [3 / 4, 4 / 3])
    columns = {name: [] for name in ("crop", "flipped", "kinds", "values", "cutout")}
    numbers = view_numbers(prompt, 26 + 4 * count, default=0)
    for u in numbers:
        columns["crop"].append(crop(u[:22], height, width, area, ratio) if area else (0, 0, width, height))
        columns["flipped"].append(u[22] < flips)
        columns["cutout"].append(cutout(u, variant, side, height, width))
        left, kinds, values = list(KINDS), [], []
        for which, strength, done, turned in u[26:].reshape(count, 4):
            kind = left[below(which, len(left))]
            if is_ruc:
                left.remove(kind)
            if done < probability:
                sign = -1 if turned < 0.5 and kind in SIGNED else 1
                length = height if kind == "translateY" else width
                kinds.append(KINDS.index(kind))
                values.append(ruc_value(kind, 1 + below(strength, magnitude - 1), sign, length) if is_ruc
                              else scan_value(kind, strength, sign, length))
        columns["kinds"].append(kinds + [-1] * (count - len(kinds)))
        columns["values"].append(values + [0] * (count - len(values)))
    return outputs(prompt, columns, real="values") | origins(prompt, [u[:26] for u in numbers])
