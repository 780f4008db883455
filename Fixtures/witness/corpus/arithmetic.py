"""Numbers of 60 and more digits: reading, rounding, memoised functions, central differences, and ties."""
import contextlib

import mpmath
import numpy
from mpmath import mp, mpf

DIGITS = 60
mp.dps = DIGITS

# The step of a difference, relative to the largest number of the moved row: 5e-20. The error of a central difference is
# step^2 |f'''| / 6, about 1e-39 of the values for functions that change over distances of 1, and what is left of 60
# digits after dividing by the step is about as much. A temperature of 0.01 takes 4 of these digits.
STEP_BITS = 64

# Two differences, of this step and of one 64 times smaller, must agree to this share of the gradient.
AGREEMENT = mpf(10) ** -24

# Numbers whose difference is below this share of the larger are equal, when they are put in order: equal numbers may
# differ in their last digits after sums of different order.
TIE = mpf(10) ** -40

_exponentials = {}
_logarithms = {}


def exp(x):
    """e^x; remembered, for a difference moves one number and leaves the others."""
    return _remembered(_exponentials, mp.exp, x)


def log(x):
    """The natural logarithm, remembered; the numbers of this witness are all positive where they come here."""
    if not x > 0:
        raise ArithmeticError(f"the logarithm of {mpmath.nstr(x, 8)} is not a real number")
    return _remembered(_logarithms, mp.log, x)


def _remembered(memory, function, x):
    key = x._mpf_
    if key not in memory:
        if len(memory) > 200_000:
            memory.clear()
        memory[key] = function(x)
    return memory[key]


@contextlib.contextmanager
def digits_for(*exponents):
    """Works with so many digits that e^-spread beside 1 still has 60 of them; spread: the range of finite exponents.

    Beyond 1600 the numbers vanish in float64 even when they are multiplied by the largest of them.
    """
    finite = [x for x in exponents if mpmath.isfinite(x)]
    spread = min(max(finite) - min(finite), 1600) if finite else 0
    with precision(DIGITS + int(spread / mp.log(10)) + 1):
        yield


@contextlib.contextmanager
def precision(digits):
    """Works with a number of digits; nothing remembered survives the change."""
    before = mp.dps
    _exponentials.clear(), _logarithms.clear()
    mp.dps = digits
    try:
        yield
    finally:
        mp.dps = before
        _exponentials.clear(), _logarithms.clear()


def vector(array):
    """All numbers of an array, exactly."""
    return [mpf(float(x)) for x in numpy.ravel(array)]


def matrix(array):
    """The rows of an array of two axes, exactly."""
    return [vector(row) for row in array]


def float64(values, shape=None):
    """Nested lists, or a single number, rounded once."""
    rounded = numpy.array(_rounded(values), dtype=numpy.float64)
    return rounded if shape is None else rounded.reshape(shape)


def _rounded(values):
    return [_rounded(x) for x in values] if isinstance(values, list) else float(values)


def integers(values, shape=None):
    """Whole numbers as an array."""
    array = numpy.array(values, dtype=numpy.int64)
    return array if shape is None else array.reshape(shape)


def dot(first, second):
    """The inner product, rounded once."""
    return mp.fdot(first, second)


def total(values):
    """The sum, rounded once."""
    return mp.fsum(values)


def length(row):
    """The Euclidean length."""
    return mp.sqrt(mp.fdot(row, row))


def step_for(values):
    """The step for moving one of these numbers: a power of two, so that moving loses no digits."""
    largest = max((abs(x) for x in values if mpmath.isfinite(x)), default=mpf(0))
    exponent = mpmath.frexp(largest)[1] if largest > 0 else 0
    return mp.ldexp(mpf(1), exponent - STEP_BITS)


def difference(function, point, i, step):
    """(f(x + h e_i) - f(x - h e_i)) / 2h."""
    x = point[i]
    above = function(point[:i] + [x + step] + point[i + 1:])
    below = function(point[:i] + [x - step] + point[i + 1:])
    return (above - below) / (2 * step)


def gradient(function, point, moved=None):
    """All central differences of a number-valued function of a list; `moved` says which elements (default: all).

    The largest is computed a second time with a much smaller step: near a kink, or with too few digits, the two differ.
    Steps below 1e-25, for rows of tiny numbers, work with as many digits more.
    """
    step = step_for(point)
    needed = DIGITS - min(0, int(mp.log10(step)) + 25)
    if needed > mp.dps:
        with precision(needed):
            return _gradient(function, point, moved, step)
    return _gradient(function, point, moved, step)


def _gradient(function, point, moved, step):
    result = [mpf(0)] * len(point)
    for i in range(len(point)) if moved is None else moved:
        result[i] = difference(function, point, i, step)
    largest = max(range(len(result)), key=lambda i: abs(result[i]))
    again = difference(function, point, largest, step / 64)
    # What is left of a gradient that is zero: five digits more than the last of the function's values, over the step;
    # and the third derivative times step^2, for functions that change over a thousandth of the numbers or more.
    size = max(1, abs(function(point)))
    rest = size * (mpf(10) ** (5 - mp.dps) * 64 / step + (1000 * step) ** 2)
    if abs(again - result[largest]) > AGREEMENT * abs(again) + rest:
        raise ArithmeticError(
            f"two differences disagree: {mpmath.nstr(again, 30)} and {mpmath.nstr(result[largest], 30)}")
    return result


def ascending(values):
    """The places of the values in ascending order; among equal ones, the lower place first."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    # Runs of equal numbers are put into the order of their places.
    result, run = [], []
    for place in order:
        if run and not is_tie(values[run[-1]], values[place]):
            result, run = result + sorted(run), []
        run.append(place)
    return result + sorted(run)


def descending(values):
    """The places of the values in descending order; among equal ones, the lower place first."""
    return ascending([-x for x in values])


def is_tie(x, y):
    """Whether two numbers are equal but for the last digits."""
    return abs(x - y) <= TIE * max(abs(x), abs(y))


def self_check(checks):
    """Runs (what, found, expected) triples; numbers must agree to 1e-13 of the larger, anything else exactly."""
    for what, found, expected in checks:
        if isinstance(expected, float):
            good = abs(found - expected) <= 1e-13 * max(1e-300, abs(found), abs(expected))
        else:
            good = found == expected
        if not good:
            raise SystemExit(f"self-check failed: {what}: found {found}, expected {expected}")
    print(f"{len(checks)} values as computed by hand")
