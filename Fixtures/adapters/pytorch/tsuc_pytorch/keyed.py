"""Orders and colour views with the random numbers of `tsuc train`: functions of (seed, epoch, image, view), drawn in any order.

The bytes of a view are Pillow's and the package's own, so that a run here sees exactly what a run there sees.
"""
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset
from tsuc_port import Prompt, Stream
from tsuc_port.areas.initial import HEADS, initial_parameters
from tsuc_port.areas.pictures import colour_view
from tsuc_port.areas.views import crop_parameters, jitter_parameters

from .networks import named_parameters

SHUFFLE = 4
CROP = {"area": [0.2, 1], "ratio": [3 / 4, 4 / 3]}
JITTER = {"brightness": [0.6, 1.4], "contrast": [0.6, 1.4], "saturation": [0.6, 1.4], "hue": [-0.4, 0.4],
          "jitterProbability": 1, "greyscaleProbability": 0.2, "flipProbability": 0.5}
MEAN, DEVIATION = (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)


def read_cifar(path, count=None):
    """Images n × 3 × 32 × 32, bytes, and labels, from one binary file or those of the training images in a folder."""
    files = sorted(path.glob("data_batch_*.bin")) if path.is_dir() else [path]
    rows = np.concatenate([np.frombuffer(file.read_bytes(), np.uint8).reshape(-1, 3073) for file in files])[:count]
    return torch.from_numpy(rows[:, 1:].reshape(-1, 3, 32, 32).copy()), torch.from_numpy(rows[:, 0].astype(np.int64))


def standardised(pixels):
    """(byte / 255 − mean) / deviation in float32, where the package's table of 256 values has its roundings too."""
    mean, deviation = (torch.tensor(numbers, dtype=torch.float32)[:, None, None] for numbers in (MEAN, DEVIATION))
    return (pixels.float() / 255 - mean) / deviation


def ask(operation, parameters, **inputs):
    return operation(Prompt("", "", parameters, inputs, np.dtype("float64")))


class KeyedViews(Dataset):
    """Item number i: two standardised views of every image of batch i, the first ones above the second ones."""

    def __init__(self, pixels, batches, seed, epoch):
        self.pixels, self.batches, self.key = pixels.numpy(), batches, {"seed": seed, "epoch": epoch}

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        images = self.batches[index].tolist()
        views = [view for number in (0, 1) for view in self.views(images, number)]
        return standardised(torch.from_numpy(np.stack(views)))

    def views(self, images, number):
        _, _, height, width = self.pixels.shape
        key = self.key | {"view": number, "images": images}
        boxes = ask(crop_parameters, key | CROP | {"height": height, "width": width})["boxes"]
        drawn = ask(jitter_parameters, key | JITTER)
        for place, image in enumerate(images):
            numbers = dict(zip(("left", "top", "width", "height"), boxes[place].tolist()))
            numbers |= {name: bool(drawn[name][place]) for name in ("jittered", "greyscale", "flipped")}
            numbers |= dict(zip(("brightness", "contrast", "saturation", "hue"), drawn["factors"][place].tolist()))
            numbers |= {"order": drawn["order"][place].tolist(), "outputWidth": width, "outputHeight": height}
            yield ask(colour_view, numbers, image=self.pixels[image])["y"]


def batches(count, size, seed, epoch):
    """The images of an epoch's steps, in the order of `tsuc train`."""
    return torch.tensor(Stream(seed, SHUFFLE, epoch).permutation(count)).split(size)[:count // size]


def steps(pixels, size, seed, epoch, skip=0, workers=0):
    """The views and the images of every step of an epoch but the first `skip` ones."""
    left = batches(len(pixels), size, seed, epoch)[skip:]
    return zip(DataLoader(KeyedViews(pixels, left, seed, epoch), batch_size=None, num_workers=workers), left)


def draw(encoder, bank, heads, seed):
    """Puts the starting values of `tsuc train` into an encoder, a bank and heads."""
    parameters = named_parameters(encoder)
    values = initial_parameters(seed, {name: parameter.shape for name, parameter in parameters.items()})
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(torch.from_numpy(values[name]))
        for image, row in enumerate(bank):
            row.copy_(torch.from_numpy((3 / len(row)) ** 0.5 * (2 * Stream(seed, 2, image=image).uniforms(len(row)) - 1)))
        for h, head in enumerate(heads):
            head.copy_(torch.from_numpy(Stream(seed, HEADS, image=h).normals(head.numel()).reshape(head.shape)))
