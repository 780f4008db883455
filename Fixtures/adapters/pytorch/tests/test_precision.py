"""Mixed precision: 16 bits between layers, scaled gradients, and no weights of an earlier step."""
import unittest

import torch
import torch.nn.functional as F

from tsuc_pytorch.precision import AUTOCASTS, autocast, backward, in_mixed_precision, wide


class PrecisionTests(unittest.TestCase):
    def setUp(self):
        torch.set_default_dtype(torch.float32)
        self.generator = torch.Generator().manual_seed(1)

    def draw(self, *shape):
        return torch.randn(*shape, generator=self.generator)

    def gradient(self, name, size):
        """The gradient of size · Σ x wᵀ by w under autocast, and the exact one."""
        x, w = self.draw(8, 4), self.draw(3, 4).requires_grad_()

        def compute():
            w.grad = None
            backward(size * wide(F.linear(x, w)).sum(), [w])
            return {"gradient": w.grad}

        return in_mixed_precision(name, compute)["gradient"], size * x.sum(0).expand(3, 4)

    def test_products_have_16_bits_and_leaves_float32(self):
        for name, (dtype, _) in AUTOCASTS.items():
            with autocast(dtype, 0):
                y = F.linear(self.draw(2, 3), self.draw(4, 3))
            self.assertEqual((y.dtype, wide(y).dtype), (dtype, torch.float32))
            self.assertEqual(self.gradient(name, 1)[0].dtype, torch.float32)

    def test_small_gradients_keep_their_digits(self):
        found, exact = self.gradient("float16", 1e-6)
        self.assertLess(((found - exact).abs() / exact.abs()).max(), 1e-2)

    def test_overflow_makes_the_scale_smaller(self):
        found, exact = self.gradient("float16", 100)
        self.assertLess(((found - exact).abs() / exact.abs()).max(), 1e-2)

    def test_parameters_may_change_within_one_computation(self):
        w = torch.ones(1, 1, requires_grad=True)

        def compute():
            first = wide(F.linear(torch.ones(1, 1), w)).item()
            with torch.no_grad():
                w.add_(1)
            return {"outputs": torch.tensor([first, wide(F.linear(torch.ones(1, 1), w)).item()])}

        self.assertEqual(in_mixed_precision("bfloat16", compute)["outputs"].tolist(), [1, 2])


if __name__ == "__main__":
    unittest.main()
