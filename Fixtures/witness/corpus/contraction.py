"""Area op: sums of products: matrix products, linear layers, convolutions, means over maps, Sobel.

Each is one trilinear sum F = sum g_o u_i w_k over the triples (o, i, k) of its definition, times a rational constant.
F is linear in each of the three, so its derivative by u_i is F with u replaced by the unit vector e_i, exactly. All of
it in whole numbers times a power of two: float32 numbers are such, and so are their products and sums.
"""
from fractions import Fraction

import numpy

from .arithmetic import self_check


class Dyadic:
    """An array as whole numbers over one power of two."""

    def __init__(self, array):
        ratios = [float(x).as_integer_ratio() for x in numpy.ravel(array)]
        self.bits = max((d.bit_length() - 1 for _, d in ratios), default=0)
        self.numbers = [n << (self.bits - d.bit_length() + 1) for n, d in ratios]
        self.shape = numpy.shape(array)


def trilinear(triples, g, u, w, output_shape):
    """y_o = sum u_i w_k, and the derivatives of sum g_o u_i w_k by all u_i and w_k, as Fractions."""
    y, du, dw = [0] * int(numpy.prod(output_shape)), [0] * len(u.numbers), [0] * len(w.numbers)
    g_numbers, u_numbers, w_numbers = g.numbers, u.numbers, w.numbers
    for o, i, k in triples:
        y[o] += u_numbers[i] * w_numbers[k]
        du[i] += g_numbers[o] * w_numbers[k]
        dw[k] += g_numbers[o] * u_numbers[i]
    return (_fractions(y, u.bits + w.bits, output_shape), _fractions(du, g.bits + w.bits, u.shape),
            _fractions(dw, g.bits + u.bits, w.shape))


def _fractions(numbers, bits, shape):
    array = numpy.empty(len(numbers), dtype=object)
    array[:] = [Fraction(n, 1 << bits) for n in numbers]
    return array.reshape(shape)


def exact(array):
    """An array's numbers as Fractions."""
    d = Dyadic(array)
    return _fractions(d.numbers, d.bits, d.shape)


def rounded(fractions):
    """Fractions rounded once to float64."""
    array = numpy.array([float(x) for x in numpy.ravel(fractions)], numpy.float64)
    return array.reshape(numpy.shape(fractions))


def matrix_product(prompt):
    """y = op(a) op(b) (+ c)."""
    ta, tb = prompt.parameter("transposeA", False), prompt.parameter("transposeB", False)
    a, b, g = prompt["a"], prompt["b"], prompt["y.cotangent"]
    rows, depth = a.shape[::-1] if ta else a.shape
    columns = b.shape[0] if tb else b.shape[1]
    triples = ((i * columns + j, d * rows + i if ta else i * depth + d, j * depth + d if tb else d * columns + j)
               for i in range(rows) for j in range(columns) for d in range(depth))
    y, da, db = trilinear(triples, Dyadic(g), Dyadic(a), Dyadic(b), (rows, columns))
    if prompt.parameter("accumulate", False):
        y = y + exact(prompt["c"])
    return {"y": rounded(y), "a.gradient": rounded(da), "b.gradient": rounded(db)}


def linear(prompt):
    """y = x weight^T + bias."""
    x, weight, g = prompt["x"], prompt["weight"], prompt["y.cotangent"]
    (rows, inputs), outputs = x.shape, weight.shape[0]
    triples = ((a * outputs + o, a * inputs + i, o * inputs + i)
               for a in range(rows) for o in range(outputs) for i in range(inputs))
    y, dx, dw = trilinear(triples, Dyadic(g), Dyadic(x), Dyadic(weight), (rows, outputs))
    return {"y": rounded(y + exact(prompt["bias"])), "x.gradient": rounded(dx), "weight.gradient": rounded(dw),
            "bias.gradient": rounded(_ones_gradient(g, (rows, outputs), axes=(0,)))}


def _ones_gradient(g, shape, axes):
    """The derivative by a bias: <g, e> with e the output that a unit of the bias alone makes, ones along the axes."""
    return exact(g).reshape(shape).sum(axis=axes)


def convolution_triples(batch, channels, height, width, outputs, kernel, stride, padding):
    """(output, input, weight) places of every product of a cross-correlation, and the output's shape."""
    rows = (height + 2 * padding - kernel[0]) // stride + 1
    columns = (width + 2 * padding - kernel[1]) // stride + 1

    def triples():
        for n in range(batch):
            for o in range(outputs):
                for i in range(rows):
                    for j in range(columns):
                        place = ((n * outputs + o) * rows + i) * columns + j
                        for c in range(channels):
                            for r in range(kernel[0]):
                                y = i * stride + r - padding
                                if not 0 <= y < height:
                                    continue
                                for s in range(kernel[1]):
                                    x = j * stride + s - padding
                                    if 0 <= x < width:
                                        yield (place, ((n * channels + c) * height + y) * width + x,
                                               ((o * channels + c) * kernel[0] + r) * kernel[1] + s)

    return triples(), (batch, outputs, rows, columns)


def convolution(prompt):
    """Cross-correlation with zeros around."""
    x, weight, g = prompt["x"], prompt["weight"], prompt["y.cotangent"]
    triples, shape = convolution_triples(
        *x.shape, weight.shape[0], weight.shape[2:], prompt.parameter("stride", 1), prompt.parameter("padding", 0))
    y, dx, dw = trilinear(triples, Dyadic(g), Dyadic(x), Dyadic(weight), shape)
    answer = {"x.gradient": rounded(dx), "weight.gradient": rounded(dw)}
    if "bias" in prompt:
        y = y + exact(prompt["bias"]).reshape(1, -1, 1, 1)
        answer["bias.gradient"] = rounded(_ones_gradient(g, shape, axes=(0, 2, 3)))
    return answer | {"y": rounded(y)}


def global_average_pool(prompt):
    """y = the mean over height and width."""
    x, g = prompt["x"], prompt["y.cotangent"]
    batch, channels, height, width = x.shape
    pixels = height * width
    triples = ((i // pixels, i, 0) for i in range(batch * channels * pixels))
    y, dx, _ = trilinear(triples, Dyadic(g), Dyadic(x), Dyadic([1.0]), (batch, channels))
    return {"y": rounded(y / pixels), "x.gradient": rounded(dx / pixels)}


SOBEL = numpy.array([[[1, 0, -1], [2, 0, -2], [1, 0, -1]], [[1, 2, 1], [0, 0, 0], [-1, -2, -1]]], numpy.float64)


def sobel(prompt):
    """Both filters on the mean of the channels: every channel has the filters' weights, over the number of channels."""
    x, g = prompt["x"], prompt["y.cotangent"]
    channels = x.shape[1]
    weight = numpy.repeat(SOBEL[:, None], channels, axis=1)
    triples, shape = convolution_triples(*x.shape, 2, (3, 3), 1, 1)
    y, dx, _ = trilinear(triples, Dyadic(g), Dyadic(x), Dyadic(weight), shape)
    return {"y": rounded(y / channels), "x.gradient": rounded(dx / channels)}


OPERATIONS = {"matrix-product": matrix_product, "linear": linear, "convolution": convolution,
              "global-average-pool": global_average_pool, "sobel": sobel}


def checks():
    """Small sums by hand."""
    from .files import Prompt
    product = matrix_product(Prompt("matrix-product", {"transposeB": True}, {
        "a": numpy.array([[1.0, 2.0]]), "b": numpy.array([[3.0, 5.0]]), "y.cotangent": numpy.array([[0.5]])}))
    image = numpy.array([[[[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]]]])
    moved = convolution(Prompt("convolution", {"stride": 2, "padding": 1}, {
        "x": image, "weight": numpy.array([[[[1.0, 10.0], [100.0, 1000.0]]]]),
        "y.cotangent": numpy.ones((1, 1, 2, 2))}))
    biased = convolution(Prompt("convolution", {}, {
        "x": image, "weight": numpy.array([[[[2.0]]]]), "bias": numpy.array([0.5]), "y.cotangent": image}))
    layer = linear(Prompt("linear", {}, {
        "x": numpy.array([[1.0, 2.0]]), "weight": numpy.array([[3.0, 5.0]]), "bias": numpy.array([7.0]),
        "y.cotangent": numpy.array([[0.5]])}))
    mean = global_average_pool(Prompt("global-average-pool", {}, {"x": image, "y.cotangent": numpy.array([[3.0]])}))
    edges = sobel(Prompt("sobel", {}, {"x": numpy.repeat(image, 3, axis=1),
                                       "y.cotangent": numpy.zeros((1, 2, 2, 3))}))
    return [
        ("1*3 + 2*5", product["y"].tolist(), [[13.0]]),
        ("its gradients", [product["a.gradient"].tolist(), product["b.gradient"].tolist()],
         [[[1.5, 2.5]], [[0.5, 1.0]]]),
        ("corners of a padded image at stride 2", moved["y"].ravel().tolist(), [1000.0, 4200.0, 80.0, 336.0]),
        ("a bias", [biased["y"].ravel().tolist(), biased["bias.gradient"].tolist()],
         [[2.5, 4.5, 8.5, 16.5, 32.5, 64.5], [63.0]]),
        ("3 + 10 + 7", [layer["y"].tolist(), layer["bias.gradient"].tolist()], [[[20.0]], [0.5]]),
        ("63 / 6", [mean["y"].tolist(), mean["x.gradient"].ravel().tolist()], [[[10.5]], [0.5] * 6]),
        ("Sobel at the left upper corner", [edges["y"][0, 0, 0, 0], edges["y"][0, 1, 0, 0]],
         [-(2 * 2.0 + 16), -(2 * 8.0 + 16)]),
    ]


if __name__ == "__main__":
    self_check(checks())
