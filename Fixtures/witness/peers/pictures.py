"""torchvision on Pillow pictures, and Pillow itself, byte for byte."""

import numpy
import PIL
import torch
import torchvision
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F
from torchvision.transforms.autoaugment import _apply_op  # the operations of its RandAugment, which have no public name

from asking import Draw, Question
import pillow_rand
import pillow_views as views

COUNTS = {"brightness": 100, "contrast": 100, "saturation": 100, "hue": 120, "greyscale": 40, "flip": 30, "rgb-to-hsv": 40,
          "hsv-to-rgb": 40, "resized-crop": 200, "colour-view": 120, "image-normalisation": 30, "rand-view": 60}

# torchvision's magnitudes of these are factors less 1.
FACTORS = {"brightness", "color", "contrast", "sharpness"}
# torchvision moves a picture to the right and down, and its matrix takes places of the view to places of the picture.
MIRRORED = {"translateX", "translateY"}


class Pictures(Draw):
    """Pictures, factors and boxes."""

    def picture(self, least=1, most=40):
        """Noise, dim noise of few values, a gradient, or one colour; planes."""
        height, width = self.size(least, most), self.size(least, most)
        noise = self.random.integers(0, 256, (3, height, width))
        ramp = numpy.linspace(0, 255, height * width).reshape(height, width)
        ramps, one = numpy.stack([ramp, ramp.T.reshape(ramp.shape), 255 - ramp]), numpy.broadcast_to(noise[:, :1, :1], noise.shape)
        return self.one(noise, noise, self.size(0, 100) + noise // self.size(4, 40), ramps, one).clip(0, 255).astype(numpy.uint8)

    def factor(self):
        """Of the usual range, of a wide one, and the borders."""
        return float(self.one(self.random.uniform(0.5, 1.5), self.random.uniform(0, 4), self.random.uniform(0, 1000), 0.0, 1.0))

    def box(self, planes):
        """left, top, width, height inside the picture."""
        _, h, w = planes.shape
        width, height = self.size(1, w), self.size(1, h)
        return self.size(0, w - width), self.size(0, h - height), width, height


def in_pillow(change, planes):
    """A change of a Pillow picture, as planes."""
    return views.from_pillow(change(views.to_pillow(planes)))


def factors(function):
    def drawn(d, operation):
        planes, factor = d.picture(), d.factor()
        return operation, {"factor": factor}, planes, in_pillow(lambda i: function(i, factor), planes)
    return drawn


def plain(function, **sizes):
    def drawn(d, operation):
        planes = d.picture(**sizes)
        return operation, {}, planes, function(planes)
    return drawn


def hue(d, operation):
    planes, shift = d.picture(), float(d.one(d.random.uniform(-0.5, 0.5), d.random.uniform(-0.1, 0.1), 0.5, -0.5, 0.0, 1 / 255))
    return operation, {"shift": shift}, planes, in_pillow(lambda i: F.adjust_hue(i, shift), planes)


def cropped(image, p):
    """torchvision's crop and Pillow's filter."""
    return F.resized_crop(image, p["top"], p["left"], p["height"], p["width"], [p["outputHeight"], p["outputWidth"]],
                          InterpolationMode.BILINEAR)


def crop_parameters(d, planes, most=48):
    left, top, width, height = d.box(planes)
    return {"left": left, "top": top, "width": width, "height": height,
            "outputHeight": d.size(1, most), "outputWidth": d.size(1, most)}


def resized_crop(d, operation):
    planes = d.picture(1, 64)
    p = crop_parameters(d, planes)
    return operation, p, planes, in_pillow(lambda i: cropped(i, p), planes)


JITTER = ((F.adjust_brightness, "brightness"), (F.adjust_contrast, "contrast"), (F.adjust_saturation, "saturation"),
          (F.adjust_hue, "hue"))


def colour_view(d, operation):
    """The whole chain of a view, with what is between."""
    planes = d.picture(2, 48)
    p = crop_parameters(d, planes, 32) | {
        "jittered": d.one(True, True, False), "greyscale": d.one(True, False), "flipped": d.one(True, False)}
    if p["jittered"]:
        p |= {"order": d.random.permutation(4).tolist(), "hue": float(d.random.uniform(-0.5, 0.5))}
        p |= {name: float(d.random.uniform(0.2, 1.8)) for name in ("brightness", "contrast", "saturation")}
    steps = [cropped(views.to_pillow(planes), p)]
    steps.append(steps[-1])
    for part in p.get("order", ()):
        function, name = JITTER[part]
        steps[1] = function(steps[1], p[name])
    last = F.rgb_to_grayscale(steps[1], 3) if p["greyscale"] else steps[1]
    steps.append(F.hflip(last) if p["flipped"] else last)
    return operation, p, planes, dict(zip(("cropped", "jittered", "y"), map(views.from_pillow, steps)))


def normalised(planes, mean, deviation):
    """In float64, so that the peer's own roundings do not matter."""
    return F.normalize(F.convert_image_dtype(torch.from_numpy(planes.copy()), torch.float64), mean, deviation)


def normalisation(d, operation):
    planes = d.picture()
    p = {"mean": d.random.uniform(0, 1, 3).tolist(), "deviation": d.random.uniform(0.05, 1, 3).tolist()}
    return operation, p, planes, {"y": normalised(planes, p["mean"], p["deviation"]).numpy()}


def value_of(d, kind, height, width, whole=True):
    """A value in the range of the kind; torchvision's translations are whole."""
    side = {"translateX": width, "translateY": height}.get(kind)
    if side:
        return float(d.size(-side - 1, side + 1)) + (0 if whole else d.one(0.0, 0.5, d.random.uniform(-0.5, 0.5)))
    if kind in FACTORS:
        return float(d.one(d.random.uniform(0, 2), d.random.uniform(0.05, 0.95), 0.0, 1.0))
    ranges = {"posterize": (1, 8), "solarize": (0, 256), "rotate": (-45, 45), "shearX": (-1, 1), "shearY": (-1, 1)}
    low, high = ranges.get(kind, (0, 0))
    return float(d.size(low, high)) if kind == "posterize" else float(d.random.uniform(low, high))


def by_torchvision(image, kind, value):
    """Its RandAugment's operation."""
    if kind in MIRRORED:
        value = -value
    return _apply_op(image, kind[0].upper() + kind[1:], value - 1 if kind in FACTORS else value, InterpolationMode.NEAREST, None)


def rand_operation(kind, apply):
    def drawn(d, operation):
        planes = d.picture()
        value = value_of(d, kind, *planes.shape[1:], whole=apply is by_torchvision)
        # 1 + (value - 1) must be value in double, as torchvision adds the 1 again.
        value = 1 + (value - 1) if kind in FACTORS else value
        p = {"kind": kind} | ({} if kind in ("autoContrast", "equalize", "identity") else {"value": value})
        return operation, p, planes, in_pillow(lambda i: apply(i, kind, value), planes)
    return drawn


def rand_view(d, operation):
    """Crop, flip, some operations and SCAN's cutout, which torchvision calls erase."""
    planes = d.picture(4, 40)
    _, h, w = planes.shape
    left, top, width, height = d.box(planes)
    kinds = [k for k in d.random.permutation(list(pillow_rand.KINDS)).tolist() if not k.startswith("shear")][:d.size(0, 4)]
    values = [0.0 if k in ("autoContrast", "equalize", "identity") else value_of(d, k, h, w) for k in kinds]
    values = [1 + (v - 1) if k in FACTORS else v for k, v in zip(kinds, values)]
    p = {"left": left, "top": top, "width": width, "height": height, "flipped": d.one(True, False), "operations": kinds,
         "values": values, "mean": [0.4914, 0.4822, 0.4465], "deviation": [0.2023, 0.1994, 0.201]}
    image = cropped(views.to_pillow(planes), p | {"outputHeight": h, "outputWidth": w})
    image = F.hflip(image) if p["flipped"] else image
    for kind, value in zip(kinds, values):
        image = by_torchvision(image, kind, value)
    y = views.from_pillow(image)
    real = normalised(y, p["mean"], p["deviation"])
    if d.one(True, False):
        left, top, width, height = d.box(planes)
        p |= {"cutout": [left, top, width, height], "fill": "mean"}
        real = F.erase(real, top, left, height, width, torch.tensor(0.0, dtype=real.dtype))
    return operation, p, planes, {"y": y, "normalised": real.numpy()}


def through(function):
    """A function of Pillow pictures as one of planes."""
    return lambda planes: in_pillow(function, planes)


BY_TORCHVISION = {
    "brightness": factors(F.adjust_brightness), "contrast": factors(F.adjust_contrast), "saturation": factors(F.adjust_saturation),
    "hue": hue, "greyscale": plain(through(lambda i: F.rgb_to_grayscale(i, 3))), "flip": plain(through(F.hflip)),
    "resized-crop": resized_crop, "colour-view": colour_view, "image-normalisation": normalisation, "rand-view": rand_view}
BY_PILLOW = {
    "rgb-to-hsv": plain(views.to_hsv, most=96), "hsv-to-rgb": plain(views.from_hsv, most=96)}


def asked(drawn, operation, count, seed=""):
    """The questions of one operation."""
    for number in range(count):
        operation_, p, planes, y = drawn(Pictures(operation + seed, number), operation)
        yield Question(operation_, p, {"image": planes}, y if isinstance(y, dict) else {"y": y}, source=f"number {number}")


def run(program, table):
    """torchvision first, then what Pillow alone has."""
    torch.set_num_threads(1)
    vision, pillow = f"torchvision {torchvision.__version__.split('+')[0]} on Pillow {PIL.__version__}", f"Pillow {PIL.__version__}"
    for peer, operations in ((vision, BY_TORCHVISION), (pillow, BY_PILLOW)):
        for operation, drawn in operations.items():
            questions = list(asked(drawn, operation, COUNTS[operation]))
            table.add(peer, questions, program.ask("pictures", questions))
    for peer, apply, count in ((vision, by_torchvision, 30), (pillow, pillow_rand.apply, 15)):
        questions = [question for kind in pillow_rand.KINDS
                     for question in asked(rand_operation(kind, apply), "rand-operation", count, kind + peer[:4])]
        table.add(peer, questions, program.ask("pictures", questions))
