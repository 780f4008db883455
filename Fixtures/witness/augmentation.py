"""Makes Fixtures/images/augmentation.json: views of small images under explicit parameters, by PyTorch.

Run: python3 Fixtures/witness/augmentation.py > Fixtures/images/augmentation.json   (needs torch; any version since 1.3)

The warp is put together from 3 x 3 matrices, one per step, and sampled by affine_grid and grid_sample with
align_corners=False and zero padding, all in float64; so it shares neither code nor formulas with the package.
"""
import json
import math

import torch
import torch.nn.functional as functional


def matrix(p, height, width):
    def product(*factors):
        result = torch.eye(3, dtype=torch.float64)
        for factor in factors:
            result = result @ torch.tensor(factor, dtype=torch.float64)
        return result

    phi = math.radians(p["rotationDegrees"])
    flip = [[-1 if p["isFlipped"] else 1, 0, 0], [0, 1, 0], [0, 0, 1]]
    scale = [[1 / (p["zoom"] * p["stretch"]), 0, 0], [0, p["stretch"] / p["zoom"], 0], [0, 0, 1]]
    shear = [[1, p["shear"], 0], [0, 1, 0], [0, 0, 1]]
    turn = [[math.cos(phi), -math.sin(phi), 0], [math.sin(phi), math.cos(phi), 0], [0, 0, 1]]
    shift = [[1, 0, 2 * p["shiftX"] / width], [0, 1, 2 * p["shiftY"] / height], [0, 0, 1]]
    crop = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    if "crop" in p:
        box = p["crop"]
        # The view's edges -1 and 1 fall on the box' edges, which are edges of pixels.
        left, right = (2 * e / width - 1 for e in (box["left"], box["left"] + box["width"]))
        top, bottom = (2 * e / height - 1 for e in (box["top"], box["top"] + box["height"]))
        crop = [[(right - left) / 2, 0, (left + right) / 2], [0, (bottom - top) / 2, (top + bottom) / 2], [0, 0, 1]]
    return product(crop, shift, turn, shear, scale, flip)[:2]


def view(p, image):
    channels, height, width = image.shape
    grid = functional.affine_grid(matrix(p, height, width)[None], (1, channels, height, width), align_corners=False)
    result = functional.grid_sample(image[None], grid, "bilinear", "zeros", align_corners=False)[0] * p["contrast"]
    result = torch.where(result > 0.05, result + p["brightness"], result)
    if "erased" in p:
        box = p["erased"]
        result[:, box["top"]:box["top"] + box["height"], box["left"]:box["left"] + box["width"]] = 0
    return result


IDENTITY = dict(rotationDegrees=0.0, shear=0.0, zoom=1.0, stretch=1.0, shiftX=0.0, shiftY=0.0, isFlipped=False,
                contrast=1.0, brightness=0.0)
CASES = [
    ("rotation", (1, 8, 8), dict(rotationDegrees=15.0)),
    ("rotation of an oblong image", (1, 6, 9), dict(rotationDegrees=-130.0)),
    ("shear", (1, 8, 8), dict(shear=0.15)),
    ("zoom", (1, 8, 8), dict(zoom=1.2)),
    ("stretch", (1, 8, 8), dict(stretch=1.1, zoom=0.9)),
    ("shift", (1, 7, 8), dict(shiftX=0.75, shiftY=-0.5)),
    ("crop", (1, 8, 10), dict(crop=dict(left=2, top=1, width=6, height=5))),
    ("flip", (1, 5, 7), dict(isFlipped=True)),
    ("contrast and brightness", (1, 5, 5), dict(contrast=1.3, brightness=0.1)),
    ("negative brightness", (1, 5, 5), dict(contrast=0.7, brightness=-0.1)),
    ("erase", (2, 5, 6), dict(erased=dict(left=3, top=1, width=2, height=3))),
    ("all together, three channels", (3, 7, 9), dict(
        rotationDegrees=-20.0, shear=-0.2, zoom=1.15, stretch=0.9, shiftX=-0.6, shiftY=0.9, isFlipped=True,
        contrast=0.8, brightness=0.07, crop=dict(left=1, top=0, width=7, height=6),
        erased=dict(left=0, top=4, width=3, height=2))),
    ("almost nothing left", (1, 8, 8), dict(shiftX=6.5, shiftY=-7.25, zoom=0.75)),
]


def main():
    generator = torch.Generator().manual_seed(20)
    cases = []
    for name, shape, changes in CASES:
        p = IDENTITY | changes
        # Multiples of 1/64 are exact in every format.
        image = torch.randint(0, 65, shape, generator=generator).to(torch.float64) / 64
        cases.append(dict(
            name=name, channels=shape[0], height=shape[1], width=shape[2], parameters=p,
            matrix=matrix(p, shape[1], shape[2]).flatten().tolist(), pixels=image.flatten().tolist(),
            view=[round(v, 9) for v in view(p, image).flatten().tolist()]))
    print(json.dumps(dict(torch=torch.__version__, seed=20, cases=cases)))


main()
