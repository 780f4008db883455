"""Areas augment and rng: grey views in 60 digits, put together of one matrix a step, and their draws."""
import numpy
from mpmath import matrix as mp_matrix
from mpmath import mp, mpf

from .arithmetic import float64, integers, self_check
from .philox import Stream

AUGMENTATION = 5
THRESHOLD = mpf(0.05)


def step(*rows):
    """A 3 x 3 matrix of two rows."""
    return mp_matrix([*rows, (0, 0, 1)])


def warp(prompt, height, width):
    """The map from places of the view to places of the image, both from -1 to 1."""
    def real(name, default):
        return prompt.real(name, default)

    phi = mp.radians(real("rotationDegrees", 0))
    left, top, w, h = prompt.parameters.get("crop", [0, 0, width, height])
    edges = [(2 * mpf(left) / width - 1, 2 * mpf(left + w) / width - 1),
             (2 * mpf(top) / height - 1, 2 * mpf(top + h) / height - 1)]
    crop = [((last - first) / 2, (first + last) / 2) for first, last in edges]
    zoom, stretch = real("zoom", 1), real("stretch", 1)
    return (step((crop[0][0], 0, crop[0][1]), (0, crop[1][0], crop[1][1]))
            * step((1, 0, 2 * real("shiftX", 0) / width), (0, 1, 2 * real("shiftY", 0) / height))
            * step((mp.cos(phi), -mp.sin(phi), 0), (mp.sin(phi), mp.cos(phi), 0))
            * step((1, real("shear", 0), 0), (0, 1, 0))
            * step((1 / (zoom * stretch), 0, 0), (0, stretch / zoom, 0))
            * step((-1 if prompt.parameters.get("flipped") else 1, 0, 0), (0, 1, 0)))


def bilinear(plane, x, y):
    """The value at column x and row y, with zeros outside."""
    column, row = int(mp.floor(x)), int(mp.floor(y))
    value = mpf(0)
    for r in (row, row + 1):
        for c in (column, column + 1):
            if 0 <= r < len(plane) and 0 <= c < len(plane[0]):
                value += mpf(float(plane[r][c])) * (1 - abs(x - c)) * (1 - abs(y - r))
    return value


def grey_view(prompt):
    """y."""
    image = prompt["image"]
    channels, height, width = image.shape
    m = warp(prompt, height, width)
    contrast, brightness = prompt.real("contrast", 1), prompt.real("brightness", 0)
    left, top, w, h = prompt.parameters.get("erased", [0, 0, 0, 0])
    means, deviations = prompt.parameters.get("mean"), prompt.parameters.get("deviation")
    y = numpy.zeros(image.shape, dtype=object)
    for i in range(height):
        for j in range(width):
            place = m * mp_matrix([(2 * mpf(j) + 1) / width - 1, (2 * mpf(i) + 1) / height - 1, 1])
            column, row = ((place[0] + 1) * width - 1) / 2, ((place[1] + 1) * height - 1) / 2
            for c in range(channels):
                value = contrast * bilinear(image[c], column, row)
                if value > THRESHOLD:
                    value += brightness
                if left <= j < left + w and top <= i < top + h:
                    value = mpf(0)
                if means:
                    value = (value - mpf(float(means[c]))) / mpf(float(deviations[c]))
                y[c, i, j] = value
    return {"y": float64(y.tolist())}


def between(u, least, largest):
    """least + (largest - least) u."""
    return least + (largest - least) * u


def crop_box(u, height, width, area, ratio):
    """The box of 22 uniform numbers; sides are rounded to the nearest whole number, far from halves."""
    logarithms = [mp.log(mpf(float(r))) for r in ratio]
    for t in range(10):
        part = between(u[2 * t], *(mpf(float(a)) for a in area)) * height * width
        shape = mp.exp(between(u[2 * t + 1], *logarithms))
        w, h = int(mp.nint(mp.sqrt(part * shape))), int(mp.nint(mp.sqrt(part / shape)))
        if 1 <= w <= width and 1 <= h <= height:
            return [int(u[20] * (width - w + 1)), int(u[21] * (height - h + 1)), w, h]
    raise ArithmeticError("no try of a crop fits, which no case asks for")


def grey_parameters(prompt):
    """numbers, flipped, erased, crop."""
    p, given = prompt.real, prompt.parameters.get
    height, width = prompt.parameter("height"), prompt.parameter("width")
    answer = {"numbers": [], "flipped": [], "erased": [], "crop": []}
    for image in prompt.parameter("images"):
        stream = Stream(prompt.parameter("seed"), AUGMENTATION, prompt.parameter("epoch", 0), image, prompt.parameter("view", 0))
        u = [stream.uniform() for _ in range(36)]
        zoom = [mp.log(mpf(float(z))) for z in given("zoom", [1, 1])]
        aspect = mp.log(p("aspect", 1))
        contrast = [mpf(float(c)) for c in given("contrast", [1, 1])]
        pairs = [(name, 2 * u[word] - 1) for name, word in
                 (("rotationDegrees", 0), ("shear", 1), ("shiftPixels", 4), ("shiftPixels", 5), ("brightness", 8))]
        rotation, shear, x, y, brightness = (p(name, 0) * v for name, v in pairs)
        answer["numbers"].append([rotation, shear, mp.exp(between(u[2], *zoom)), mp.exp(aspect * (2 * u[3] - 1) / 2), x, y,
                                  between(u[7], *contrast), brightness])
        answer["flipped"].append(int(u[6] < p("flipProbability", 0)))
        least, largest = given("eraseSides", [1, 1])
        w, h = (min(side, int(least + mp.floor(v * (largest - least + 1)))) for side, v in ((width, u[10]), (height, u[11])))
        box = [int(u[12] * (width - w + 1)), int(u[13] * (height - h + 1)), w, h]
        answer["erased"].append(box if u[9] < p("eraseProbability", 0) else [0, 0, 0, 0])
        answer["crop"].append(crop_box(u[14:], height, width, given("cropArea"), given("cropRatio", [3 / 4, 4 / 3]))
                              if given("cropArea") else [0, 0, width, height])
    return {"numbers": float64(answer.pop("numbers"))} | {name: integers(values) for name, values in answer.items()}


OPERATIONS = {"grey-view": grey_view, "grey-parameters": grey_parameters}


def checks():
    """A shift by a pixel moves the content left; at 90 degrees the top left corner shows the top right one."""
    from .files import Prompt
    image = numpy.arange(1.0, 10.0).reshape(1, 3, 3) / 16
    shift = grey_view(Prompt("grey-view", {"shiftX": 1}, {"image": image}))["y"] * 16
    turn = grey_view(Prompt("grey-view", {"rotationDegrees": 90}, {"image": image}))["y"] * 16
    bright = grey_view(Prompt("grey-view", {"contrast": 0.5, "brightness": 0.25}, {"image": image}))["y"] * 16
    plain = grey_parameters(Prompt("grey-parameters", {"seed": 0, "images": [0], "height": 2, "width": 3}))
    return [
        ("a shift", shift.round(12).tolist(), [[[2, 3, 0], [5, 6, 0], [8, 9, 0]]]),
        ("a quarter turn", turn.round(12).tolist(), [[[3, 6, 9], [2, 5, 8], [1, 4, 7]]]),
        ("brightness above 0.05", bright.round(12)[0, 0].tolist(), [0.5, 5, 5.5]),
        ("no ranges", plain["numbers"].tolist(), [[0, 0, 1, 1, 0, 0, 1, 0]]), ("no crop", plain["crop"].tolist(), [[0, 0, 3, 2]]),
    ]


if __name__ == "__main__":
    self_check(checks())
