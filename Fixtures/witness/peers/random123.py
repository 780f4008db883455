"""Philox4x32-10: the known answers of Random123, and the generator of the package randomgen."""
import numpy
import randomgen

from asking import Question

# Salmon and others, Random123, tests/kat_vectors, the three rows of "philox4x32 10": counter, key, words.
KNOWN_ANSWERS = """
00000000 00000000 00000000 00000000 00000000 00000000 6627e8d5 e169c58d bc57ac4c 9b00dbd8
ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff 408f276d 41c83b0e a20bc7c6 6d5451fd
243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0 d16cfe09 94fdcceb 5001e420 24126ea1
"""
PROMPTS = 600


def question(rows, source):
    """Rows of counter, key and words as one prompt."""
    rows = numpy.array(rows, numpy.int64)
    return Question("philox", {}, {"counters": rows[:, :4], "keys": rows[:, 4:6]}, {"words": rows[:, 6:]}, source)


def known_answers():
    """One prompt for each row."""
    for line in KNOWN_ANSWERS.split("\n")[1:-1]:
        yield question([[int(word, 16) for word in line.split()]], line)


def words(counter, key):
    """The block of one counter. randomgen counts up before it draws, and counts in 128 bits, the lowest word first."""
    before = (sum(int(word) << (32 * place) for place, word in enumerate(counter)) - 1) % 2**128
    generator = randomgen.Philox(key=int(key[0]) | int(key[1]) << 32, counter=before, number=4, width=32)
    return [int(word) for word in generator.random_raw(4)]


def drawn():
    """Prompts of 1 to 8 blocks of random counters and keys, every fourth with words at the ends of their range."""
    random = numpy.random.default_rng(123)
    for number in range(PROMPTS):
        rows = random.integers(0, 2**32, (int(random.integers(1, 9)), 6))
        if number % 4 == 0:
            ends = random.choice([0, 1, 2**31, 2**32 - 1], rows.shape)
            rows = numpy.where(random.random(rows.shape) < 0.7, ends, rows)
        yield question([[*row, *words(row[:4], row[4:])] for row in rows], f"prompt {number}")


def run(program, table):
    """Both peers."""
    for peer, asked in (("Random123, known answers", list(known_answers())),
                        (f"randomgen {randomgen.__version__}", list(drawn()))):
        table.add(peer, asked, program.ask("random123", asked))
    table.notes.append("NumPy's Philox is 4x64, which is no operation here; randomgen's is asked with number=4, width=32.")
