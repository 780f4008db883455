"""Philox4x32-10 (Salmon and others, SC 2011) and the streams of numbers that are drawn from it."""
from mpmath import mp, mpf

MASK = 2**32 - 1


def block(counter, key):
    """Ten rounds: two multiplications, four exclusive ors and an exchange each; the key grows by Weyl's constants."""
    a, b, c, d = counter
    k, l = key
    for _ in range(10):
        left, right = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (right >> 32) ^ b ^ k, right & MASK, (left >> 32) ^ d ^ l, left & MASK
        k, l = (k + 0x9E3779B9) & MASK, (l + 0xBB67AE85) & MASK
    return [a, b, c, d]


class Stream:
    """The words of the counters (0, 1, ...; view, image, epoch) under the key (seed, purpose), in order."""

    def __init__(self, seed, purpose, epoch=0, image=0, view=0):
        self.key = (seed, purpose)
        self.place = (view, image, epoch)
        self.drawn = 0

    def word(self):
        """The next 32 bits."""
        words = block((self.drawn // 4,) + self.place, self.key)
        self.drawn += 1
        return words[(self.drawn - 1) % 4]

    def uniform(self):
        """The top 24 bits over 2^24, exactly."""
        return mpf(self.word() >> 8) / 2**24

    def normal(self):
        """Marsaglia's polar method; the second number of a pair is not used."""
        while True:
            x, y = 2 * self.uniform() - 1, 2 * self.uniform() - 1
            square = x * x + y * y
            if 0 < square < 1:
                return x * mp.sqrt(-2 * mp.log(square) / square)

    def integer(self, bound):
        """Lemire: the high half of word times bound, drawn again while the low half is below 2^32 mod bound."""
        while True:
            product = self.word() * bound
            if product & MASK >= 2**32 % bound:
                return product >> 32

    def permutation(self, count):
        """Fisher and Yates from the last place down."""
        order = list(range(count))
        for last in range(count - 1, 0, -1):
            other = self.integer(last + 1)
            order[last], order[other] = order[other], order[last]
        return order
