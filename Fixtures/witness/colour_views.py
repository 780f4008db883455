"""Makes Fixtures/images/colour-views.json: what Pillow makes of colour pictures, as bytes and as digests.

Run: python3 Fixtures/witness/colour_views.py [CIFAR10] > Fixtures/images/colour-views.json

Needs Pillow 13.0.0 and NumPy. CIFAR10 is a file in CIFAR-10's binary format (per picture a label byte, then 3 x 32 x 32
bytes); without it the entries about real pictures are left out. Examples hold their bytes; the other pictures are drawn from Philox streams.
"""
import hashlib
import json
import sys

import numpy
import PIL

import pillow_views as views

PAPER = dict(crop=dict(area=[0.2, 1], ratio=[3 / 4, 4 / 3]), jitterProbability=1, brightness=[0.6, 1.4],
             contrast=[0.6, 1.4], saturation=[0.6, 1.4], hue=[-0.4, 0.4], greyscaleProbability=0.2, flipProbability=0.5)
WILD = dict(crop=dict(area=[0.01, 1], ratio=[0.1, 10]), jitterProbability=0.8, brightness=[0, 3], contrast=[0, 5],
            saturation=[0, 9], hue=[-0.5, 0.5], greyscaleProbability=0.1, flipProbability=0.5)
BLOCK = 500


def noise(image, height, width, seed):
    """Every byte its own word's highest eight bits."""
    return (views.words(3 * height * width, seed, 0, image=image) >> numpy.uint64(24)).astype(numpy.uint8) \
        .reshape(3, height, width)


def ramps(image, height, width, seed):
    """Each plane a plane in space, of slopes 0 to 7 in x and in y, that starts again at 256."""
    start, slope_x, slope_y = views.words(9, seed, 0, image=image).reshape(3, 3).T.astype(numpy.int64)[:, :, None, None]
    y, x = numpy.mgrid[:height, :width]
    return ((start + slope_x % 8 * x + slope_y % 8 * y) % 256).astype(numpy.uint8)


def example(name, image, height, width, **parameters):
    planes = (ramps if name.startswith("ramp") else noise)(image, height, width, 31)
    picture = views.to_pillow(planes)
    operation = name.split()[-1]
    if operation == "crop":
        box = [parameters[k] for k in ("left", "top", "boxWidth", "boxHeight")]
        result = views.resized_crop(picture, box, parameters["newHeight"], parameters["newWidth"],
                                    "rows-first" if parameters["rowsFirst"] else "automatic")
    elif operation == "greyscale":
        result = views.greyscale(picture)
    elif operation == "flip":
        result = views.flip(picture)
    else:
        result = views.JITTER[("brightness", "contrast", "saturation", "hue").index(operation)](
            picture, parameters["factor"])
    return dict(operation=operation, height=height, width=width, pixels=planes.tobytes().hex(), parameters=parameters,
                result=views.from_pillow(result).tobytes().hex())


def crop(left, top, width, height, new_width, new_height, rows_first=0):
    return dict(rowsFirst=rows_first, left=left, top=top, boxWidth=width, boxHeight=height, newWidth=new_width, newHeight=new_height)


def examples():
    boxes = [(7, 5, crop(0, 0, 5, 7, 5, 7)), (7, 5, crop(1, 2, 3, 4, 5, 7)), (6, 9, crop(2, 1, 7, 5, 4, 3)),
             (8, 11, crop(0, 0, 11, 8, 4, 5)), (5, 5, crop(1, 1, 3, 3, 3, 8)), (5, 5, crop(1, 1, 3, 3, 8, 3)),
             (1, 1, crop(0, 0, 1, 1, 3, 2)), (9, 8, crop(0, 0, 8, 9, 1, 1)), (4, 13, crop(6, 3, 7, 1, 2, 4)),
             (12, 3, crop(2, 5, 1, 7, 6, 2)),
             (20, 9, crop(1, 2, 8, 17, 5, 11)), (20, 9, crop(1, 2, 8, 17, 5, 10)), (20, 9, crop(1, 2, 8, 17, 5, 10, 1)),
             (14, 5, crop(0, 0, 5, 14, 8, 3, 1))]
    yield from (example("crop", i, h, w, **p) for i, (h, w, p) in enumerate(boxes))
    for i, factor in enumerate((0, 0.25, 0.6, 0.7, 1, 1.3, 1.4, 2.75)):
        for operation in ("brightness", "contrast", "saturation"):
            yield example(operation, 20 + i, 4, 7, factor=factor)
            yield example("ramp " + operation, 30 + i, 5, 4, factor=factor)
    for i, shift in enumerate((-0.5, -0.4, -0.1, -0.003, 0, 0.003, 0.2, 0.4, 0.5)):
        yield example("hue", 40 + i, 4, 7, factor=shift)
        yield example("ramp hue", 50 + i, 5, 4, factor=shift)
    yield example("greyscale", 60, 5, 8)
    yield example("flip", 61, 3, 8)
    yield example("flip", 62, 4, 5)


def digests(parts):
    """SHA-256 of the concatenated bytes of every block of parts."""
    state, count = hashlib.sha256(), 0
    for part in parts:
        state.update(part.tobytes())
        count += 1
        if count == BLOCK:
            yield state.hexdigest()
            state, count = hashlib.sha256(), 0
    if count:
        yield state.hexdigest()


def run(name, source, settings, count, size, new_size, epochs, picture, passes="automatic"):
    def all_views():
        for epoch in range(epochs):
            for image in range(count):
                planes = picture(image)
                for view in range(2):
                    parameters = views.draw(settings, 77, epoch, image, view, *size)
                    yield views.view(planes, parameters, *new_size, passes)[2]

    return dict(name=name, source=source, augmentation=settings, seed=77, epochs=epochs, images=count, height=size[0],
                width=size[1], newHeight=new_size[0], newWidth=new_size[1], passes=passes, blockSize=BLOCK,
                digests=list(digests(all_views())))


def runs():
    def drawn(size):
        return lambda image: (noise if image % 2 == 0 else ramps)(image, *size, 78)

    for name, settings, count, size, new_size, epochs in (
            ("paper 32", PAPER, 200, (32, 32), (32, 32), 3), ("paper 96 to 32", PAPER, 60, (96, 96), (32, 32), 2),
            ("wild oblong", WILD, 300, (29, 41), (24, 17), 2), ("wild tall", WILD, 100, (60, 11), (33, 70), 2)):
        yield run(name, "drawn", settings, count, size, new_size, epochs, drawn(size))
    yield run("rows first", "drawn", WILD, 100, (60, 41), (33, 38), 1, drawn((60, 41)), "rows-first")
    if len(sys.argv) > 1:
        data = numpy.fromfile(sys.argv[1], dtype=numpy.uint8).reshape(-1, 3073)[:4000, 1:].reshape(-1, 3, 32, 32)
        yield run("paper CIFAR-10", "cifar10", PAPER, len(data), (32, 32), (32, 32), 4, data.__getitem__)
        yield run("wild CIFAR-10", "cifar10", WILD, len(data), (32, 32), (28, 36), 1, data.__getitem__)


def conversions(convert):
    """SHA-256 of all 256 x 256 results of each first byte, 16 first bytes at a time: second byte by row, third by column."""
    second, third = numpy.mgrid[:256, :256].astype(numpy.uint8)
    for start in range(0, 256, 16):
        state = hashlib.sha256()
        for first in range(start, start + 16):
            state.update(convert(numpy.stack([numpy.full_like(second, first), second, third])).tobytes())
        yield state.hexdigest()


def main():
    print(json.dumps(dict(
        pillow=PIL.__version__, numpy=numpy.__version__, examples=list(examples()), runs=list(runs()),
        toHSV=list(conversions(views.to_hsv)), fromHSV=list(conversions(views.from_hsv)),
        roundTrip=list(conversions(lambda planes: views.from_hsv(views.to_hsv(planes)))))))


main()
