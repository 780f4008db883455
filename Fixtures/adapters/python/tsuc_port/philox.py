"""Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011) in NumPy, and the streams that are cut from it."""
import numpy as np

MASK = np.uint64(0xFFFFFFFF)
MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
INCREMENTS = (np.uint64(0x9E3779B9), np.uint64(0xBB67AE85))


def passes(counters, keys):
    """Yields after each of ten rounds the four words and the two words of the key that it used, for every counter."""
    c = [np.asarray(counters).astype(np.uint64)[:, i] for i in range(4)]
    k = [np.asarray(keys).astype(np.uint64)[:, i] for i in range(2)]
    for _ in range(10):
        first, second = MULTIPLIERS[0] * c[0], MULTIPLIERS[1] * c[2]
        upper = first >> np.uint64(32), second >> np.uint64(32)
        c = [upper[1] ^ c[1] ^ k[0], second & MASK, upper[0] ^ c[3] ^ k[1], first & MASK]
        yield c, k
        k = [(k[0] + INCREMENTS[0]) & MASK, (k[1] + INCREMENTS[1]) & MASK]


def rounds(counters, keys):
    """The n × 10 × 4 words and the n × 10 × 2 keys of all rounds."""
    words, used = zip(*((np.stack(c, axis=1), np.stack(k, axis=1)) for c, k in passes(counters, keys)))
    return np.stack(words, axis=1), np.stack(used, axis=1)


def philox(counters, keys):
    """The n × 4 words of n × 4 counters under n × 2 keys, all below 2³²."""
    for words, _ in passes(counters, keys):
        pass
    return np.stack(words, axis=1)


class Stream:
    """One stream: key (seed, purpose), counter (block, view, image, epoch), the four words of a block in order."""

    def __init__(self, seed, purpose, epoch=0, image=0, view=0):
        self.key = (seed, purpose)
        self.tail = (view, image, epoch)
        self.block = 0
        self.left = np.empty(0, np.uint64)

    def origin(self):
        """The key and the counter of the next block."""
        return np.array(self.key, np.int64), np.array((self.block, *self.tail), np.int64)

    def words(self, count):
        """The next words, in [0, 2³²)."""
        if count > len(self.left):
            blocks = -(-(count - len(self.left)) // 4)
            counters = np.empty((blocks, 4), np.uint64)
            counters[:, 0] = np.arange(self.block, self.block + blocks)
            counters[:, 1:] = np.array(self.tail, np.uint64)
            keys = np.broadcast_to(np.array(self.key, np.uint64), (blocks, 2))
            self.left = np.concatenate([self.left, philox(counters, keys).ravel()])
            self.block += blocks
        words, self.left = self.left[:count], self.left[count:]
        return words

    def uniforms(self, count):
        """Uniform numbers in [0, 1): the top 24 bits of a word each."""
        return (self.words(count) >> np.uint64(8)).astype(np.float64) * 2.0**-24

    def integer(self, bound):
        """A uniform whole number below the bound, by Lemire's multiplication with rejection."""
        threshold = (2**32 - bound) % bound
        while True:
            product = int(self.words(1)[0]) * bound
            if product % 2**32 >= threshold:
                return product >> 32

    def permutation(self, count):
        """0 … count − 1 in random order, by swaps from the last place down."""
        order = list(range(count))
        for last in range(count - 1, 0, -1):
            other = self.integer(last + 1)
            order[last], order[other] = order[other], order[last]
        return order

    def normals(self, count):
        """Standard normal numbers by Marsaglia's polar method, of which the first of each pair is kept."""
        found, parts = 0, [np.empty(0)]
        while found < count:
            # π / 4 of all pairs are taken; parts of a size that the cache holds; what is drawn too much is thrown away.
            tries = min(int((count - found) * 1.3) + 16, 1 << 14)
            x, y = (2 * self.uniforms(2 * tries) - 1).reshape(tries, 2).T
            square = x * x + y * y
            taken = (square > 0) & (square < 1)
            x, square = x[taken], square[taken]
            parts.append(x * np.sqrt(-2 * np.log(square) / square))
            found += len(x)
        return np.concatenate(parts)[:count]
