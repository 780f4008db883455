"""python -m unittest discover tests: views of a whole batch beside those of areas/grey.py, one by one from the same draws."""
import math
import unittest
from unittest import mock

import numpy as np
import torch
from tsuc_pytorch.areas.grey import grey_view
from tsuc_pytorch.prompts import Prompt
from tsuc_pytorch.views import DIGITS, STRONG, grey_views


class ViewsTests(unittest.TestCase):
    def test_a_batch_has_the_views_of_its_draws(self):
        generator = torch.Generator().manual_seed(3)
        images = torch.rand(5, 1, 8, 7, generator=generator)
        for ranges in (DIGITS, STRONG):
            drawn, sides, rand, randint = [], [], torch.rand, torch.randint

            def noted_rand(n):
                drawn.append(rand(n, generator=generator))
                return drawn[-1]

            def noted_sides(*arguments):
                sides.append(randint(*arguments, generator=generator))
                return sides[-1]

            with mock.patch("torch.rand", noted_rand), mock.patch("torch.randint", noted_sides):
                views = grey_views(images, **ranges)
            for i, view in enumerate(views):
                expected = grey_view(self.prompt(ranges, images[i], [float(u[i]) for u in drawn], [int(s[i]) for s in sides]))
                self.assertLess((view - expected["y"]).abs().max().item(), 1e-5)
            self.assertTrue(any(float(u) < ranges["erased"] for u in drawn[-1]), "no box was drawn")

    def prompt(self, ranges, image, u, sides):
        """The prompt of one view; u in the order of the draws, the box's height and top before its width and left."""
        def between(x, low, high):
            return low + (high - low) * x

        a, (z0, z1) = math.log(ranges["aspect"]), (math.log(x) for x in ranges["zoom"])
        (height, width), pixels = image.shape[1:], ranges["pixels"]
        numbers = {
            "rotationDegrees": between(u[0], -ranges["degrees"], ranges["degrees"]),
            "shear": between(u[1], -ranges["shear"], ranges["shear"]), "zoom": math.exp(between(u[2], z0, z1)),
            "stretch": math.exp(between(u[3], -a / 2, a / 2)), "shiftX": between(u[4], -pixels, pixels),
            "shiftY": between(u[5], -pixels, pixels), "contrast": between(u[6], *ranges["contrast"])}
        if u[9] < ranges["erased"]:
            top, left = (math.floor(x * (n - s + 1)) for x, n, s in zip(u[7:9], (height, width), sides))
            numbers["erased"] = [left, top, sides[1], sides[0]]
        return Prompt("", "grey-view", numbers, {"image": image.numpy()}, np.dtype("float32"))


if __name__ == "__main__":
    unittest.main()
