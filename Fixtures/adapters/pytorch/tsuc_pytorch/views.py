"""Random views of grey images, a whole batch at once; the distribution of `Augmentation` (Sources/Images), drawn by torch.

What areas/grey.py does to one image with given numbers, without crop, mirroring and brightness, which the digits do not use.
"""
import math

import torch
import torch.nn.functional as F

# Degrees, shear, zoom, aspect, pixels, contrast, probability and sides of the erased box: stage 1's and stage 2's.
DIGITS = dict(degrees=15, shear=0.15, zoom=(0.85, 1.2), aspect=1.2, pixels=1, contrast=(0.7, 1.3), erased=0.3, sides=(1, 2))
STRONG = dict(degrees=20, shear=0.2, zoom=(0.75, 1.3), aspect=1.3, pixels=1, contrast=(0.6, 1.4), erased=0.4, sides=(1, 3))


def grey_views(images, degrees, shear, zoom, aspect, pixels, contrast, erased, sides):
    """One view of each image: images and views n × 1 × h × w, black 0 and white 1; contrast may lead above 1.

    A view's point (x, y), both within ±1, shows the image's at R(φ) K(k) D x + d, zeros outside: turned by φ, sheared by k,
    D = diag(1 / (z r), r / z) of the zoom z and the stretch r, shifted by d = 2 (dx / w, dy / h).
    """
    n, _, height, width = images.shape

    def uniform(low, high):
        return low + (high - low) * torch.rand(n)

    phi, k = uniform(-math.radians(degrees), math.radians(degrees)), uniform(-shear, shear)
    z = uniform(math.log(zoom[0]), math.log(zoom[1])).exp()
    r = uniform(-math.log(aspect) / 2, math.log(aspect) / 2).exp()
    dx, dy = 2 * uniform(-pixels, pixels) / width, 2 * uniform(-pixels, pixels) / height
    cosine, sine = phi.cos(), phi.sin()
    matrices = torch.stack([
        cosine / (z * r), (k * cosine - sine) * r / z, dx, sine / (z * r), (k * sine + cosine) * r / z, dy], 1)
    grid = F.affine_grid(matrices.view(n, 2, 3), images.shape, align_corners=False)
    views = F.grid_sample(images, grid, "bilinear", "zeros", align_corners=False)
    views = views * uniform(*contrast)[:, None, None, None]

    def side(length):
        """Which rows or columns lie in the box, n × length."""
        extent = torch.randint(sides[0], sides[1] + 1, (n,))
        start = (torch.rand(n) * (length - extent + 1)).floor()[:, None]
        place = torch.arange(length)
        return (place >= start) & (place < start + extent[:, None])

    box = side(height)[:, :, None] & side(width)[:, None, :] & (torch.rand(n) < erased)[:, None, None]
    return views.masked_fill(box[:, None], 0)
