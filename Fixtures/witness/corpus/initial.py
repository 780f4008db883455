"""Area rng: starting values of encoders, banks and heads."""
import math

from mpmath import mp, mpf

from .arithmetic import float64, length, self_check
from .philox import Stream

WEIGHTS, MEMORY, HEADS = 1, 2, 3


def uniform(stream, bound, count):
    """Uniform in -bound ... bound."""
    return [bound * (2 * stream.uniform() - 1) for _ in range(count)]


def weights(seed, place, shape, fan_in):
    """One parameter, whose number in the network chooses its stream."""
    return float64(uniform(Stream(seed, WEIGHTS, image=place), 1 / mp.sqrt(fan_in), math.prod(shape)), shape)


def initial_weights(prompt):
    """y."""
    p = prompt.parameter
    return {"y": weights(p("seed"), p("place", 0), p("shape"), p("fanIn"))}


def norm(name, size):
    """The two constants of a batch norm."""
    return [(name + "weight", [size], 1), (name + "bias", [size], 0)]


def convolution(name, inputs, outputs, kernel):
    """The weight of a convolution without bias."""
    return [(name + "weight", [outputs, inputs, kernel, kernel], None)]


def trunk(prefix, inputs, widths, blocks, strides):
    """(name, shape, constant) of a ResNet's parameters, in order."""
    parts = convolution(prefix + "conv1.", inputs, widths[0], 3) + norm(prefix + "bn1.", widths[0])
    before = widths[0]
    for s, (width, count, stride) in enumerate(zip(widths, blocks, strides), 1):
        for b in range(count):
            name = f"{prefix}layer{s}.{b}."
            parts += convolution(name + "conv1.", before, width, 3) + norm(name + "bn1.", width)
            parts += convolution(name + "conv2.", width, width, 3) + norm(name + "bn2.", width)
            if before != width or (b == 0 and stride != 1):
                parts += convolution(name + "shortcut.0.", before, width, 1) + norm(name + "shortcut.1.", width)
            before = width
    return parts


def initial_encoder(prompt):
    """Every parameter."""
    p = prompt.parameter
    streams, sizes = p("streams"), (p("widths"), p("blocks"), p("strides"))
    parts = []
    for s, stream in enumerate(streams):
        parts += trunk(f"streams.{s}." if len(streams) > 1 else "", 2 if stream == "sobel" else p("channels"), *sizes)
    features = len(streams) * p("widths")[-1]
    parts += [("linear.weight", [p("embeddingSize"), features], None), ("linear.bias", [p("embeddingSize")], None)]
    answer = {}
    for place, (name, shape, constant) in enumerate(parts):
        fan_in = math.prod(shape[1:]) if len(shape) > 1 else features
        answer[name] = (weights(p("seed"), place, shape, fan_in) if constant is None
                        else float64([mpf(constant)] * shape[0]))
    return answer


def initial_bank(prompt):
    """bank."""
    p, rows = prompt.parameter, []
    for image in range(p("images")):
        row = uniform(Stream(p("seed"), MEMORY, image=image), mp.sqrt(mpf(3) / p("features")), p("features"))
        size = length(row) if p("normalised", False) else 1
        rows.append([x / size for x in row])
    return {"bank": float64(rows)}


def initial_heads(prompt):
    """heads."""
    p, heads = prompt.parameter, []
    for head in range(p("heads")):
        stream = Stream(p("seed"), HEADS, image=head)
        heads.append([[stream.normal() for _ in range(p("classes"))] for _ in range(p("features"))])
    return {"heads": float64(heads)}


OPERATIONS = {"initial-weights": initial_weights, "initial-encoder": initial_encoder, "initial-bank": initial_bank,
              "initial-heads": initial_heads}


def checks():
    """The bound of four inputs is a half; a bank of three features is uniform in -1 ... 1."""
    from .files import Prompt
    first = float(Stream(0, WEIGHTS, image=5).uniform()) - 0.5
    bank = initial_bank(Prompt("initial-bank", {"seed": 0, "images": 2, "features": 3}))["bank"]
    names = [name for name, _, _ in trunk("", 3, [2, 3], [1, 1], [1, 2])]
    return [
        ("a weight", float(weights(0, 5, [1, 4], 4)[0, 0]), first),
        ("a bank's row", float(bank[1, 0]), 2 * float(Stream(0, MEMORY, image=1).uniform()) - 1),
        ("a shortcut where the width changes", [name for name in names if "shortcut.0" in name], ["layer2.0.shortcut.0.weight"]),
        ("parameters of a trunk", len(names), 3 + 6 + 9),
    ]


if __name__ == "__main__":
    self_check(checks())
