"""python -m unittest discover tests: the losses without loops over rows beside those with, in float64."""
import math
import unittest

import torch
from tsuc_pytorch import batched, losses


class BatchedTests(unittest.TestCase):
    def setUp(self):
        torch.set_default_dtype(torch.float64)
        self.addCleanup(torch.set_default_dtype, torch.float32)
        self.generator = torch.Generator().manual_seed(1)

    def rows(self, count, features=5):
        rows = torch.randn(count, features, generator=self.generator)
        return (rows / rows.norm(dim=1, keepdim=True)).requires_grad_()

    def agrees(self, x, first, second):
        """Values and gradients, to some hundred roundings of the numbers that are summed."""
        a, b = first(), second()
        self.assertLess((a - b).abs().item(), 1e-12 * (1 + b.abs().item()))
        ga, gb = torch.autograd.grad(a, x)[0], torch.autograd.grad(b, x)[0]
        self.assertTrue(ga.isfinite().all())
        self.assertLess((ga - gb).abs().max().item(), 1e-11 * (1 + gb.abs().max().item()))

    def test_instance_neighbourhood(self):
        bank, v, images = self.rows(9), self.rows(6), torch.tensor([4, 0, 7, 4, 0, 7])
        sets = torch.arange(9)[:, None].repeat(1, 3)
        sets[4, 1:], sets[7, 1:] = torch.tensor([1, 8]), torch.tensor([0, 2])
        lists = {4: [1, 8], 7: [0, 2]}
        self.agrees(v, lambda: batched.instance_neighbourhood(v @ bank.T / 0.1, sets[images]),
                    lambda: losses.instance_neighbourhood(v @ bank.T / 0.1, images, lists))

    def test_batch_loss_also_where_one_row_is_almost_certain(self):
        v = self.rows(8)
        # Row 1 is almost row 5, its other view; row 2 almost row 3, which is not.
        twins = v.detach().clone()
        twins[5], twins[3] = twins[1] + 1e-3, twins[2] - 1e-3
        for x, temperature in ((v, 0.1), (v, 1.0), (twins.requires_grad_(), 0.1), (twins, 0.02)):
            self.agrees(x, lambda: batched.batch_loss(x @ x.detach().T, temperature),
                        lambda: losses.batch_loss(x @ x.detach().T, temperature))

    def test_remember(self):
        bank, v, images = self.rows(9).detach(), self.rows(6), torch.tensor([4, 0, 7])
        for view, policy in enumerate(("first", "second")):
            found = bank.clone()
            batched.remember(found, images, v, view=view)
            expected = losses.remember(bank, images, v, 0.5, policy)
            self.assertLess((found - expected).abs().max().item(), 1e-15)

    def test_neighbourhoods(self):
        bank = self.rows(9).detach()
        sure, sets = batched.neighbourhoods(bank, 4, 2)
        self.assertEqual(sure.tolist(), losses.entropies(bank).sort().indices[:4].tolist())
        for image in range(9):
            near = losses.nearest(bank, torch.tensor([image]), 2)[0].tolist() if image in sure else [image, image]
            self.assertEqual(sets[image].tolist(), [image, *near])


if __name__ == "__main__":
    unittest.main()
