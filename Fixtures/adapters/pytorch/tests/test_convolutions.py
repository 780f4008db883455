"""Convolutions by other methods are the same maps as torch's own, with both gradients, in float64."""
import itertools
import unittest

import torch
import torch.nn.functional as F

from tsuc_pytorch.convolutions import METHODS, ConvolutionsBy


class ConvolutionTests(unittest.TestCase):
    def gradients(self, x, weight, bias, cotangent, stride, padding):
        leaves = [tensor.clone().requires_grad_() for tensor in (x, weight, bias)]
        y = F.conv2d(*leaves, stride=stride, padding=padding)
        return y, *torch.autograd.grad(y, leaves, cotangent)

    def test_methods_are_rearrangements_of_the_same_sums(self):
        generator = torch.Generator().manual_seed(1)

        def draw(*shape):
            return torch.randn(*shape, generator=generator, dtype=torch.float64)

        shapes = itertools.product([1, 3], [1, 2], [(4, 4), (5, 1), (1, 1), (7, 6)], [(3, 3), (2, 2)], [1, 2], [1, 2])
        for batch, channels, size, kernel, stride, padding in shapes:
            x, weight, bias = draw(batch, channels, *size), draw(3, channels, *kernel), draw(3)
            y = F.conv2d(x, weight, bias, stride=stride, padding=padding)
            cotangent = draw(*y.shape)
            expected = self.gradients(x, weight, bias, cotangent, stride, padding)
            for method in METHODS:
                with ConvolutionsBy(method):
                    found = self.gradients(x, weight, bias, cotangent, stride, padding)
                for a, b in zip(found, expected):
                    self.assertLess((a - b).abs().max(), 1e-11, (method, batch, channels, size, kernel, stride, padding))

    def test_what_is_covered_is_computed_otherwise(self):
        x, weight = torch.randn(1, 2, 6, 6), torch.randn(3, 2, 3, 3)
        for method in METHODS:
            with ConvolutionsBy(method):
                y, strided = F.conv2d(x, weight), F.conv2d(x, weight, stride=2)
            self.assertFalse(torch.equal(y, F.conv2d(x, weight)))
            self.assertEqual(torch.equal(strided, F.conv2d(x, weight, stride=2)), method != "fft")


if __name__ == "__main__":
    unittest.main()
