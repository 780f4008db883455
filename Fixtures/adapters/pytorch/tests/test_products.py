"""python -m unittest discover tests: rounded factors, bit by bit.

Factors here are whole numbers with two bits more than the format keeps. Rounded, their products are multiples of 16 up
to 2^26, and sums of up to four of them are exact in float32, in any order: every comparison is one of equality.
"""
import math
import unittest

import numpy as np
import torch
import torch.nn.functional as F

from tsuc_pytorch.products import ROUNDINGS, RoundedProducts

BITS = {"tf32": 11, "bfloat16": 8}  # float16 has a scale for each tensor: HalfTests


def rounded(x, products):
    """The definition in float64: a significand of some bits, halves to the even neighbour."""
    significand, exponent = np.frexp(x.detach().numpy().astype(np.float64))
    unit = 2.0 ** BITS[products]
    return torch.tensor(np.ldexp(np.rint(significand * unit) / unit, exponent))


class RoundingTests(unittest.TestCase):
    def rounds(self, products, pairs):
        x, y = torch.tensor(pairs, dtype=torch.float32).unbind(1)
        found = ROUNDINGS[products](x)
        self.assertEqual(found.tolist(), y.tolist())
        self.assertEqual(found.signbit().tolist(), y.signbit().tolist())

    def test_halves_go_to_the_even_neighbour(self):
        for products, bits in BITS.items():
            last = 2.0 ** (1 - bits)
            pairs = [
                (1 + last / 2, 1), (1 + last * 3 / 2, 1 + 2 * last), (1 + last * 5 / 2, 1 + 2 * last),
                (1 + last / 2 + 2.0**-23, 1 + last), (1 + last * 3 / 2 - 2.0**-23, 1 + last), (1 + last, 1 + last)]
            self.rounds(products, pairs + [(-x, -y) for x, y in pairs])

    def test_a_carry_raises_the_exponent(self):
        for products in BITS:
            below = [(2 - 2.0**-23, 2), (2.0**-20 - 2.0**-44, 2.0**-20), (2.0**-126 - 2.0**-149, 2.0**-126)]
            self.rounds(products, below)

    def test_what_is_not_finite_stays_and_the_largest_numbers_become_infinite(self):
        infinity, largest = math.inf, (2 - 2.0**-23) * 2.0**127
        for products, bits in BITS.items():
            kept = (2 - 2.0 ** (1 - bits)) * 2.0**127
            self.rounds(products, [
                (infinity, infinity), (-infinity, -infinity), (largest, infinity), (-largest, -infinity), (kept, kept),
                (0.0, 0.0), (-0.0, -0.0)])
            # Every significand of a NaN, the one among them that a carry would turn into a zero.
            nans = torch.tensor([0x7F800001, 0x7FC00000, 0x7FFFFFFF, -1], dtype=torch.int32).view(torch.float32)
            self.assertTrue(ROUNDINGS[products](nans).isnan().all())

    def test_random_numbers_of_every_size(self):
        generator = torch.Generator().manual_seed(1)
        x = torch.randn(4096, generator=generator) * 2.0 ** torch.randint(-100, 100, (4096,), generator=generator)
        for products in BITS:
            self.assertTrue(torch.equal(ROUNDINGS[products](x).double(), rounded(x, products)))

    def test_subnormal_numbers_have_the_spacing_of_the_smallest_normal_ones(self):
        for products, bits in BITS.items():
            spacing = 2.0 ** (-126 + 1 - bits)
            self.rounds(products, [(3 * spacing, 3 * spacing), (1.5 * spacing, 2 * spacing), (0.5 * spacing, 0)])


class HalfTests(unittest.TestCase):
    def test_numbers_keep_eleven_bits_over_28_powers_of_two(self):
        to_half = ROUNDINGS["float16"]
        x = torch.tensor([1 + 2.0**-11 + 2.0**-20, -(1 + 3 * 2.0**-11), 2.0**-27, 0])
        expected = [1 + 2.0**-10, -(1 + 2.0**-9), 2.0**-27, 0]
        for power in (-100, 0, 17, 100):
            self.assertEqual((to_half(x * 2.0**power) / 2.0**power).tolist(), expected)

    def test_what_is_smaller_loses_its_digits(self):
        x = torch.tensor([1, 2.0**-38, 1.5 * 2.0**-38, 2.0**-39])
        self.assertEqual(ROUNDINGS["float16"](x).tolist(), [1, 2.0**-38, 2 * 2.0**-38, 0])

    def test_zeros_and_what_is_not_finite_stay(self):
        x = torch.tensor([math.inf, -math.inf, 0, 3])
        self.assertEqual(ROUNDINGS["float16"](x).tolist(), x.tolist())
        self.assertEqual(ROUNDINGS["float16"](torch.zeros(2)).tolist(), [0, 0])


class ProductTests(unittest.TestCase):
    def setUp(self):
        self.generator = torch.Generator().manual_seed(2)

    def factor(self, products, *shape):
        """Whole numbers of either sign with two bits too many."""
        low = 2 ** (BITS[products] + 1)
        numbers = torch.randint(low, 2 * low, shape, generator=self.generator)
        signs = 2 * torch.randint(0, 2, shape, generator=self.generator) - 1
        return (signs * numbers).float()

    def agrees(self, products, function, *factors, added=None):
        """Compares function(*factors) + added and all gradients with float64's on factors rounded beforehand."""
        variables = [x.clone().requires_grad_() for x in factors]
        extra = () if added is None else (added.clone().requires_grad_(),)
        with RoundedProducts(products):
            y = function(*variables, *extra)
            cotangent = self.factor(products, *y.shape)
            y.backward(cotangent)
        exact = [rounded(x, products).requires_grad_() for x in factors]
        other = () if added is None else (added.double().requires_grad_(),)
        expected = function(*exact, *other)
        self.assertFalse(torch.equal(expected, function(*(x.double() for x in factors), *other)))
        self.assertTrue(torch.equal(y.double(), expected))
        expected.backward(rounded(cotangent, products))
        for found, right in zip(variables, exact):
            self.assertTrue(torch.equal(found.grad.double(), right.grad))
        if extra:
            # What is added is no factor, so its gradient sums what came in as it came in.
            right = cotangent if y.shape == added.shape else cotangent.sum([d for d in range(y.ndim) if d != 1])
            self.assertTrue(torch.equal(extra[0].grad, right))

    def test_matrix_products(self):
        for products in BITS:
            a, b = self.factor(products, 3, 4), self.factor(products, 4, 2)
            self.agrees(products, lambda a, b: a @ b, a, b)
            self.agrees(products, lambda a, b: a.T @ b.T, a.T.contiguous(), b.T.contiguous())
            self.agrees(products, lambda a, b: a @ b, a.expand(2, 3, 4), b.expand(2, 4, 2))
            self.agrees(products, lambda a, b: a @ b, a, b[:, :1])

    def test_what_is_added_to_a_product_keeps_its_bits(self):
        for products in BITS:
            # Multiples of 16, so that the sums stay exact, with more bits than the format has.
            added = 16 * self.factor(products, 3, 2)
            a, b = self.factor(products, 3, 2), self.factor(products, 2, 2)
            self.agrees(products, lambda a, b, c: torch.addmm(c, a, b), a, b, added=added)
            self.agrees(products, lambda x, w, c: F.linear(x, w, c), a, b, added=added[0])
            self.agrees(
                products, lambda a, b, c: torch.baddbmm(c, a, b), a.expand(2, 3, 2), b.expand(2, 2, 2),
                added=added.expand(2, 3, 2))

    def test_convolutions(self):
        for products in BITS:
            x, weight = self.factor(products, 1, 1, 3, 3), self.factor(products, 1, 1, 2, 2)
            self.agrees(products, lambda x, w: F.conv2d(x, w), x, weight)
            self.agrees(products, lambda x, w: F.conv2d(x, w, stride=2, padding=1), x, weight)
            x = self.factor(products, 1, 1, 2, 2)
            self.agrees(products, lambda x, w, b: F.conv2d(x, w, b), x, weight, added=16 * self.factor(products, 1))

    def test_only_wanted_gradients_of_a_convolution(self):
        x, weight = self.factor("tf32", 1, 1, 3, 3), self.factor("tf32", 1, 1, 2, 2).requires_grad_()
        with RoundedProducts("tf32"):
            F.conv2d(x, weight).sum().backward()
        expected = rounded(x, "tf32").unfold(2, 2, 1).unfold(3, 2, 1).sum((0, 1, 4, 5))
        self.assertTrue(torch.equal(weight.grad.double()[0, 0], expected))

    def test_elementwise_products_and_products_outside_keep_their_bits(self):
        x = self.factor("bfloat16", 2, 2)
        with RoundedProducts("bfloat16"):
            self.assertTrue(torch.equal((x * x).double(), x.double() * x.double()))
        self.assertTrue(torch.equal((x @ x).double(), x.double() @ x.double()))

    def test_factors_in_float64_are_refused(self):
        x = torch.ones(2, 2, dtype=torch.float64)
        with RoundedProducts("tf32"), self.assertRaisesRegex(ValueError, "float32"):
            x @ x

    def test_a_matrix_times_a_vector_is_refused(self):
        x = torch.ones(2, 2)
        with RoundedProducts("tf32"), self.assertRaisesRegex(ValueError, "one column"):
            x @ x[0]


if __name__ == "__main__":
    unittest.main()
