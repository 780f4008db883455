"""Trains the preset `paper-cifar10` with the loop of train.py and the random numbers of `tsuc train`, on a GPU.

    python train_paper.py --data cifar-10-batches-bin --out RUN --workers 16 [--encoder-from RUN/states/FILE]

The weights, bank, heads, orders and views are those that `tsuc train --preset paper-cifar10` draws from the same seed. With
--encoder-from the encoder is that of a checkpoint or state of such a run instead. judged_steps.py holds the first steps
against the package's own.
"""
import argparse
from pathlib import Path

import load_encoder
import torch
from train import CLASSES, Training
from tsuc_pytorch import keyed, recipes
from tsuc_pytorch.results import final_clusters, scores, write_run


class PaperTraining(Training):
    """A run on colour pictures whose orders and views are keyed by the seed and the epoch of the whole run."""

    def __init__(self, pixels, labels, seed, device="cpu", workers=0, recipe=recipes.PAPER_CIFAR10):
        super().__init__(recipe, pixels, labels.to(device), seed)
        self.seed, self.device, self.workers = seed, device, workers
        keyed.draw(self.encoder, self.bank, self.heads, seed)
        self.network = self.encoder = self.encoder.to(device)
        self.bank, self.heads = self.bank.to(device), self.heads.to(device)

    def steps(self, stage, size, epoch=None, skip=0):
        epoch = len(self.history) if epoch is None else epoch
        for views, images in keyed.steps(self.pixels, size, self.seed, epoch, skip, self.workers):
            yield views.to(self.device, torch.get_default_dtype()), images.to(self.device)

    def standardised(self, pixels):
        return keyed.standardised(pixels).to(self.device)


def main():
    parser = argparse.ArgumentParser(description="Trains the paper's run on CIFAR-10.")
    parser.add_argument("--data", type=Path, required=True, help="a binary file of CIFAR-10, or the folder of them")
    parser.add_argument("--count", type=int, help="the first images only")
    parser.add_argument("--out", type=Path, required=True, help="a new folder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--workers", type=int, default=8, help="processes that draw views")
    parser.add_argument("--encoder-from", type=Path, help="a checkpoint or state of a run")
    options = parser.parse_args()
    if options.out.exists():
        parser.error(f"{options.out} exists already and is not overwritten")
    training = PaperTraining(
        *keyed.read_cifar(options.data, options.count), options.seed, options.device, options.workers)
    if options.encoder_from:
        encoder, _ = load_encoder.load(options.encoder_from)
        training.encoder.load_state_dict(encoder.state_dict())
    training.stage_one()
    of_heads = training.stage_two()
    clusters = final_clusters(training.probabilities(training.pixels).cpu(), of_heads)
    results = {rule: scores(found, training.labels.cpu(), CLASSES) for rule, found in clusters.items()}
    write_run(options.out, training.history, results | {"seed": options.seed})
    print(f"seed {options.seed}: ACC {100 * results['lowestLoss']['accuracy']:.2f}")


if __name__ == "__main__":
    main()
