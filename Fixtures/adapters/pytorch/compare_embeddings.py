"""Embeds images in torch with the encoder of a tsuc run, and compares with what `tsuc embed` wrote.

    python compare_embeddings.py RUN/checkpoint.safetensors EMBEDDINGS.npy IMAGES-idx3-ubyte MAXIMUM_PIXEL [COUNT]

How far two float32 programs may be apart, to first order: a dot product of n terms rounds n times, each by at most
u = 2^-24 of what has been summed, so in the model of independent rounding errors (Higham and Mary, 2019) its deviation is
at most sqrt(n) u sum |w x|. Every operation's deviation times the derivative of an embedding by that operation's
output, squared and summed over all operations, is the variance of the embedding; 6 sqrt(2) deviations bound the difference.
"""
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F
from load_encoder import load
from torch import nn
from tsuc_pytorch.networks import Block, Trunk

U = 2.0**-24
torch.set_num_threads(1)


def deviation(module, x, y):
    """The deviation of an operation's output y in float32, as a multiple of U."""
    if isinstance(module, nn.Conv2d):
        terms = module.weight[0].numel()
        return terms**0.5 * F.conv2d(x.abs(), module.weight.abs(), None, module.stride, module.padding)
    if isinstance(module, nn.Linear):
        return module.in_features**0.5 * F.linear(x.abs(), module.weight.abs(), module.bias.abs())
    if isinstance(module, nn.BatchNorm2d):
        slope = module.weight / (module.running_var + module.eps).sqrt()
        shift = (slope * module.running_mean).abs() + module.bias.abs()
        return 4 * ((slope[:, None, None] * x).abs() + shift[:, None, None])
    if isinstance(module, Trunk):
        return x.shape[-1] * y.abs()  # the mean over at most so many squared pixels, none of them negative
    return y.abs()  # a block's sum


def bounds(encoder, images):
    """Embeddings in float64 and the bound of each."""
    steps = []
    hooks = [
        module.register_forward_hook(lambda m, x, y: steps.append((m, x[0].detach(), y)))
        for module in encoder.modules() if isinstance(module, (nn.Conv2d, nn.Linear, nn.BatchNorm2d, Block, Trunk))
    ]
    images = images.clone().requires_grad_()
    embeddings = encoder(images)
    variance = torch.zeros_like(embeddings)
    with torch.no_grad():
        local = [deviation(m, x, y) for m, x, y in steps] + [3 * images.abs()]
    outputs = [y for _, _, y in steps] + [images]
    for d in range(embeddings.shape[1]):
        gradients = torch.autograd.grad(embeddings[:, d].sum(), outputs, retain_graph=True)
        for gradient, scale in zip(gradients, local):
            variance[:, d] += (gradient * scale).square().flatten(1).sum(1).detach()
    variance += embeddings.shape[1] * embeddings.detach().square()
    for hook in hooks:
        hook.remove()
    return embeddings.detach(), 6 * 2**0.5 * U * variance.sqrt()


def main(path, embedded, images, maximum, count=None):
    encoder, description = load(path)
    with open(images, "rb") as file:
        number, height, width = struct.unpack(">IIII", file.read(16))[1:]
        pixels = np.frombuffer(file.read(), np.uint8).reshape(number, 1, height, width)[: int(count or number)]
    scale = description["standardisation"]
    mean, deviation_ = np.float32(scale["mean"]), np.float32(scale["standardDeviation"])
    x = torch.from_numpy((pixels / np.float32(maximum) - mean) / deviation_)
    ours = torch.from_numpy(np.load(embedded)).double()
    with torch.no_grad():
        theirs = encoder(x).double()
    exact, bound = (torch.cat(parts) for parts in zip(*(bounds(encoder.double(), c.double()) for c in x.split(100))))
    share = (ours - theirs).abs() / bound
    print(f"{len(x)} images, {ours.shape[1]} features, strict load")
    print(f"largest difference of tsuc and torch, float32    {(ours - theirs).abs().max():.2e}")
    print(f"largest difference of tsuc and torch in float64  {(ours - exact).abs().max():.2e}")
    print(f"largest difference of torch in both precisions   {(theirs - exact).abs().max():.2e}")
    print(f"bounds {bound.min():.1e} to {bound.max():.1e}; largest difference over its bound {share.max():.3f}")
    return 0 if share.max() <= 1 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
