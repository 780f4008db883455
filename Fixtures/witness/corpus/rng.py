"""Area rng: the block function and the streams; crops and jitters have a witness of their own."""
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
    """Random123's known answers."""
    ones = 2**32 - 1
    return [
        ("Philox of zeros", block([0] * 4, [0] * 2), [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ("Philox of ones", block([ones] * 4, [ones] * 2), [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        ("Philox of pi", block([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0]),
         [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]),
        ("a uniform number", float(Stream(0, 0).uniform()), (0x6627E8D5 >> 8) / 2**24),
        ("an integer below 10", Stream(0, 0).integer(10), 0x6627E8D5 * 10 // 2**32),
    ]


if __name__ == "__main__":
    self_check(checks())
