"""Area rng: the block function and the streams; crops and jitters have a witness of their own."""
import math

from .arithmetic import float64, integers, self_check
from .philox import Stream, block


def philox(prompt):
    """counters n x 4, keys n x 2 -> words n x 4."""
    words = [block([int(x) for x in counter], [int(x) for x in key])
             for counter, key in zip(prompt["counters"], prompt["keys"])]
    return {"words": integers(words, (len(words), 4))}


def stream(prompt):
    """The stream of a prompt, and how many numbers are asked for."""
    names = ("epoch", "image", "view")
    place = {name: prompt.parameter(name, 0) for name in names}
    return Stream(prompt.parameter("seed"), prompt.parameter("purpose"), **place), prompt.parameter("count")


def uniform(prompt):
    """y: the first numbers in [0, 1)."""
    source, count = stream(prompt)
    return {"y": float64([source.uniform() for _ in range(count)])}


def normal(prompt):
    """y: the first normal numbers."""
    source, count = stream(prompt)
    return {"y": float64([source.normal() for _ in range(count)])}


def permutation(prompt):
    """y: 0, ..., count - 1 in random order."""
    source, count = stream(prompt)
    return {"y": integers(source.permutation(count))}


def whole_numbers(prompt):
    """y: the first numbers below the bound."""
    source, count = stream(prompt)
    return {"y": integers([source.integer(prompt.parameter("bound")) for _ in range(count)])}


OPERATIONS = {"philox": philox, "uniform": uniform, "normal": normal, "permutation": permutation,
              "integers": whole_numbers}


def checks():
    """Random123's known answers, and what follows from the first."""
    ones = 2**32 - 1
    x, y = ((word >> 8) / 2**23 - 1 for word in (0x6627E8D5, 0xE169C58D))
    square = x * x + y * y
    most = 3_000_000_000
    # The words whose low half of word * bound is below 2^32 mod bound are drawn again.
    words = [word for i in range(9) for word in block([i, 0, 0, 0], [0, 0])]
    kept = [word * most // 2**32 for word in words if word * most % 2**32 >= 2**32 - most]
    source = Stream(0, 0)
    return [
        ("Philox of zeros", block([0] * 4, [0] * 2), [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ("Philox of ones", block([ones] * 4, [ones] * 2), [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        ("Philox of pi", block([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0]),
         [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]),
        ("a uniform number", float(Stream(0, 0).uniform()), (0x6627E8D5 >> 8) / 2**24),
        ("an integer below 10", Stream(0, 0).integer(10), 0x6627E8D5 * 10 // 2**32),
        ("integers with rejections", [source.integer(most) for _ in range(20)], kept[:20]),
        # 0.399 of 3 places is place 1, 0.881 of 2 is place 1: 0 1 2 -> 0 2 1 -> 0 2 1.
        ("a permutation", Stream(0, 0).permutation(3), [0, 2, 1]),
        ("a normal number", float(Stream(0, 0).normal()), x * math.sqrt(-2 * math.log(square) / square)),
        ("the words of a key", Stream(5, 3, epoch=7, image=11, view=1).word(), block([0, 1, 11, 7], [5, 3])[0]),
    ]


if __name__ == "__main__":
    self_check(checks())
