"""Recomputes the digests of Fixtures/digests/digests.json with code of its own, and Pillow for the bytes of views.

Run: python3 Fixtures/witness/digests.py [--draws 10000] [--only NAME] [--file Fixtures/digests/digests.json]

Every digest over up to so many draws is computed from the definition in Fixtures/digests/README.md and compared; the end is 1 if
one differs. Needs Pillow 13.0.0 and NumPy 2.4.6. 10,000 draws take half a minute, 1,000,000 three quarters of an hour, most of it
for colour-views.
"""
import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy

import pillow_views

ROOT = Path(__file__).resolve().parents[1]
DRAWS = (100, 10_000, 1_000_000)
PART = 10_000  # draws that are worked on at a time


def each(array):
    """The same 64-bit numbers modulo 2^32."""
    return numpy.asarray(array, dtype=numpy.uint64) & numpy.uint64(0xFFFFFFFF)


def block(counters, keys):
    """Philox4x32-10 of n x 4 counters under n x 2 keys."""
    c, k = [each(counters)[:, i] for i in range(4)], [each(keys)[:, i] for i in range(2)]
    for _ in range(10):
        low, high = c[0] * numpy.uint64(0xD2511F53), c[2] * numpy.uint64(0xCD9E8D57)
        c = [(high >> numpy.uint64(32)) ^ c[1] ^ k[0], each(high), (low >> numpy.uint64(32)) ^ c[3] ^ k[1], each(low)]
        k = [each(k[0] + numpy.uint64(0x9E3779B9)), each(k[1] + numpy.uint64(0xBB67AE85))]
    return numpy.stack(c, axis=1)


def streams(count, seed=0, purpose=0, epoch=0, image=0, view=0, first=0):
    """Words first, ..., of streams side by side, n x count; every key a number or n numbers; first a multiple of 4."""
    n = max(numpy.size(key) for key in (seed, purpose, epoch, image, view))
    blocks = -(-count // 4)
    counters, keys = numpy.zeros((n, blocks, 4), numpy.uint64), numpy.zeros((n, blocks, 2), numpy.uint64)
    counters[:, :, 0] = first // 4 + numpy.arange(blocks)
    for place, key in ((1, view), (2, image), (3, epoch)):
        counters[:, :, place] = numpy.broadcast_to(numpy.asarray(key, numpy.uint64), n)[:, None]
    for place, key in ((0, seed), (1, purpose)):
        keys[:, :, place] = numpy.broadcast_to(numpy.asarray(key, numpy.uint64), n)[:, None]
    return block(counters.reshape(-1, 4), keys.reshape(-1, 2)).reshape(n, 4 * blocks)[:, :count]


def uniform(words):
    return (words >> numpy.uint64(8)).astype(numpy.float64) * 2.0**-24


def one_stream(seed, purpose, part=1 << 16, **keys):
    """The words of one stream, without end, as whole numbers."""
    first = 0
    while True:
        yield from streams(part, seed, purpose, first=first, **keys)[0].tolist()
        first += part


def below(bound, words):
    least = 2**32 % bound
    while True:
        product = next(words) * bound
        if product % 2**32 >= least:
            return product >> 32


def permuted(count, words):
    order = list(range(count))
    for last in range(count - 1, 0, -1):
        other = below(last + 1, words)
        order[last], order[other] = order[other], order[last]
    return order


def view_words(i):
    return streams(32, 10, 5, epoch=i // 2000, image=i // 2 % 1000, view=i % 2)


# One function for each digest: the records of the draws i, an array of consecutive numbers.

def philox_words(i):
    factors = [1, 2654435769, 2246822519, 3266489917, 668265263, 374761393]
    keys = each(numpy.stack([i.astype(numpy.uint64) * numpy.uint64(f) for f in factors], axis=1))
    return block(keys[:, :4], keys[:, 4:]).astype("<u4").tobytes()


def stream_words(i):
    return streams(5, seed=i, purpose=i % 7, epoch=3 * i, image=5 * i + 1, view=i % 2).astype("<u4").tobytes()


def uniform_numbers(i):
    start = int(i[0]) // 4 * 4
    words = streams(int(i[-1]) + 1 - start, 2, 0, first=start)[0]
    return uniform(words[i[0] - start:]).astype("<f4").tobytes()


def normal_numbers(count):
    first, found = 0, []
    while sum(map(len, found)) < count:
        x, y = (2 * uniform(streams(1 << 16, 3, 0, first=first)[0]) - 1).reshape(-1, 2).T
        first += 1 << 16
        s = x * x + y * y
        taken = (s > 0) & (s < 1)
        x, s = x[taken], s[taken]
        found.append(x * numpy.sqrt(-2 * numpy.log(s) / s))
    return numpy.concatenate(found)[:count].astype("<f4").tobytes()


def bounded_integers(i):
    numbers = []
    for image in i.tolist():
        words = one_stream(6, 0, part=8, image=image)
        numbers.append(below(max(1, next(words) >> image % 32), words))
    return numpy.array(numbers, dtype="<u4").tobytes()


def permutation(count):
    return numpy.array(permuted(count, one_stream(7, 4)), dtype="<u4").tobytes()


def shuffles(i):
    rows = streams(128, 8, 4, epoch=i).tolist()
    return b"".join(bytes(permuted(1 + n % 64, iter(row))) for n, row in zip(i.tolist(), rows))


def boxes(i, height, width):
    u = uniform(view_words(i))
    size, settled = numpy.zeros((2, len(i))), numpy.zeros(len(i), bool)
    low, high = numpy.log(3 / 4), numpy.log(4 / 3)
    for t in range(10):
        part = (0.2 + 0.8 * u[:, 2 * t]) * (height * width)
        ratio = numpy.exp(low + (high - low) * u[:, 2 * t + 1])
        w, h = numpy.rint(numpy.sqrt(part * ratio)), numpy.rint(numpy.sqrt(part / ratio))
        fits = ~settled & (1 <= w) & (w <= width) & (1 <= h) & (h <= height)
        size[:, fits] = w[fits], h[fits]
        settled |= fits
    w, h = size
    left, top = numpy.floor(u[:, 20] * (width - w + 1)), numpy.floor(u[:, 21] * (height - h + 1))
    # None fits: the largest central box of an allowed ratio.
    central_w = min(width, round(height * 4 / 3)) if width / height > 4 / 3 else width
    central_h = min(height, round(width * 4 / 3)) if width / height < 3 / 4 else height
    central = ((width - central_w) // 2, (height - central_h) // 2, central_w, central_h)
    drawn = numpy.stack([left, top, w, h], axis=1)
    return numpy.where(settled[:, None], drawn, central).astype("<u4")


def orders(i):
    u, order = uniform(view_words(i)), numpy.tile(numpy.arange(4), (len(i), 1))
    rows = numpy.arange(len(i))
    for word, last in ((23, 3), (24, 2), (25, 1)):
        other = numpy.floor(u[:, word] * (last + 1)).astype(int)
        order[rows, last], order[rows, other] = order[rows, other].copy(), order[rows, last].copy()
    return order


def factors(i):
    u = uniform(view_words(i))[:, 26:30]
    least, largest = numpy.array([0.6, 0.6, 0.6, -0.4]), numpy.array([1.4, 1.4, 1.4, 0.4])
    return least + (largest - least) * u


def flags(i):
    return uniform(view_words(i))[:, [22, 30, 31]] < [0.8, 0.2, 0.5]


def colour_views(i):
    parts = []
    for n, box, order, factor, flag in zip(i.tolist(), boxes(i, 40, 48), orders(i), factors(i), flags(i)):
        picture = streams(1440, 11, 0, image=n)[0].astype("<u4").view(numpy.uint8).reshape(3, 40, 48)
        parameters = dict(box=box.tolist(), jittered=flag[0], order=order, factors=factor.tolist(), greyscale=flag[1],
                          flipped=flag[2])
        parts.append(hashlib.sha256(pillow_views.view(picture, parameters, 32, 32)[2].tobytes()).digest())
    return b"".join(parts)


def anchors(i):
    bank = ((streams(32, 12, 2, image=i) >> numpy.uint64(24)).astype(float) - 128).reshape(-1, 8, 4) / 128
    products = numpy.einsum("nik,njk->nij", bank, bank)
    logits = products / 0.5
    logits -= logits.max(axis=2, keepdims=True)
    p = numpy.exp(logits)
    p /= p.sum(axis=2, keepdims=True)
    entropy = -(p * numpy.log(p)).sum(axis=2)
    order = numpy.argsort(entropy, axis=1, kind="stable")
    products[:, numpy.arange(8), numpy.arange(8)] = -numpy.inf
    nearest = numpy.argsort(-products, axis=2, kind="stable")[:, :, :2]
    parts = []
    for n, row, lists in zip(i.tolist(), order, nearest):
        chosen = row[: 2 * (1 + n % 4)]
        parts.append(bytes(chosen.tolist()) + bytes(lists[chosen].ravel().tolist()))
    return b"".join(parts)


PARTS = {
    "philox-words": philox_words, "stream-words": stream_words, "uniform-numbers": uniform_numbers,
    "bounded-integers": bounded_integers, "shuffles": shuffles, "anchors": anchors, "colour-views": colour_views,
    "crop-boxes": lambda i: boxes(i, 40, 48).tobytes(), "crop-boxes-tall": lambda i: boxes(i, 96, 24).tobytes(),
    "jitter-orders": lambda i: orders(i).astype(numpy.uint8).tobytes(),
    "jitter-factors": lambda i: factors(i).astype("<f4").tobytes(),
    "view-flags": lambda i: flags(i).astype(numpy.uint8).tobytes(),
}
WHOLES = {"normal-numbers": normal_numbers, "permutation": permutation}


def digest(name, count):
    if name in WHOLES:
        return hashlib.sha256(WHOLES[name](count)).hexdigest()
    total = hashlib.sha256()
    for first in range(0, count, PART):
        total.update(PARTS[name](numpy.arange(first, min(count, first + PART))))
    return total.hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, choices=DRAWS, default=10_000)
    parser.add_argument("--only")
    parser.add_argument("--file", type=Path, default=ROOT / "digests" / "digests.json")
    arguments = parser.parse_args()
    stored = json.loads(arguments.file.read_text())["digests"]
    if set(stored) != set(PARTS) | set(WHOLES):
        sys.exit(f"{arguments.file} holds {sorted(stored)}, and this program knows {sorted(set(PARTS) | set(WHOLES))}")
    apart = 0
    for name in [arguments.only] if arguments.only else sorted(stored):
        for count in (n for n in DRAWS if n <= arguments.draws):
            agrees = digest(name, count) == stored[name]["sha256"][str(count)]
            apart += not agrees
            print(f"{name} {count}: {'ok' if agrees else 'DIFFERS'}", flush=True)
    sys.exit(apart > 0)


main()
