"""Trains the recipe `digits` of `tsuc train` in PyTorch, from random weights to clusters. Begin to read at `Training`.

    python train.py --seed 0 --out RUN                                     one thread
    torchrun --nproc-per-node 2 train.py --seed 0 --out RUN                every batch shared by two processes
    tsuc oracle converge RUN...                                            do such runs converge as those of tsuc do?

RUN gets history.csv, with the columns of `tsuc train`, and metrics.json. The random numbers are torch's: no run is that of
`tsuc train` with the same seed, but both come from one distribution.

    v  embeddings, 2B × D, unit rows, the first views of B images above the second    M  memory bank, N × D, a row an image
    z  v Mᵀ / τ, 2B × N    S  for each image those that count as the same, N × (1 + k)    y  probabilities, H × 2B × K
"""
import argparse
import copy
from collections import defaultdict
from pathlib import Path

import torch
from tsuc_pytorch import batched, recipes
from tsuc_pytorch.batched import stage_one_loss, stage_two_loss
from tsuc_pytorch.networks import Encoder
from tsuc_pytorch.processes import Processes
from tsuc_pytorch.results import final_clusters, neighbour_accuracy, read_digits, scores, write_run
from tsuc_pytorch.views import DIGITS, STRONG, grey_views
from tsuc_port.areas.schedule import RISES, anchors, factor

MISTAKES = ("no-stop-gradient", "first-view", "w-over-rounds", "plain-momentum", "trained-heads")
HEADS, CLASSES = 5, 10


class Training:
    """One run: both stages' epochs, and what they change."""

    def __init__(self, recipe, pixels, labels, seed, mistake=None):
        torch.manual_seed(seed)
        self.recipe, self.pixels, self.labels, self.mistake, self.history = recipe, pixels, labels, mistake, []
        # Convolutions of few channels are faster with these innermost.
        self.encoder, self.processes = Encoder(*recipe.encoder).to(memory_format=torch.channels_last), Processes()
        self.network = self.processes.wrapped(self.encoder)
        self.mean, self.deviation = pixels.float().mean(), pixels.float().std(correction=0)
        d = recipe.encoder.embedding_size
        self.bank = (3 / d) ** 0.5 * (2 * torch.rand(len(pixels), d) - 1)
        self.heads = torch.randn(HEADS, d, CLASSES, requires_grad=mistake == "trained-heads")
        # Every process has drawn the same so far, and goes on with the same batches and views of its own.
        self.order = torch.Generator().manual_seed(seed)
        torch.manual_seed((self.processes.rank << 32) + seed)

    def sgd(self, *others):
        """g ← ∂L/∂θ + decay θ, b ← μ b + g, θ ← θ − η (g + μ b): Nesterov's momentum."""
        parameters, nesterov = [*self.encoder.parameters(), *others], self.mistake != "plain-momentum"
        return torch.optim.SGD(parameters, momentum=0.9, weight_decay=5e-4, nesterov=nesterov)

    def steps(self, stage, size):
        """An epoch's steps: views of this process's images, the first ones above the second ones; all processes' images."""
        for batch in torch.randperm(len(self.pixels), generator=self.order).split(size)[:len(self.pixels) // size]:
            shares = self.processes.shares(batch)
            images = self.pixels[shares[self.processes.rank]].repeat(2, 1, 1, 1)
            yield self.standardised(grey_views(images, **(DIGITS if stage == 1 else STRONG))), shares.flatten()

    def standardised(self, pixels):
        return (pixels - self.mean) / self.deviation

    def step(self, views, images, stage, optimiser, loss):
        """One step; returns the embeddings of all views, and the loss and its terms before the step."""
        v = self.processes.whole(self.network(views))
        total, terms = loss(v, images)
        optimiser.zero_grad()
        self.processes.backward(total)
        optimiser.step()
        if stage == 1:
            batched.remember(self.bank, images, v, view=0 if self.mistake == "first-view" else 1)
        return v.detach(), {"total": total} | terms

    def epoch(self, place, optimiser, loss, rate, size, **values):
        """One epoch; notes the mean of every term over its steps."""
        sums, count = defaultdict(float), len(self.pixels) // size
        optimiser.param_groups[0]["lr"] = rate
        self.network.train()
        for views, images in self.steps(place[0], size):
            for name, term in self.step(views, images, place[0], optimiser, loss)[1].items():
                sums[name] += term.item() / count
        self.history.append(dict(zip(("stage", "round", "epoch"), place)) | {"learningRate": rate} | values | sums)

    def stage_one(self):
        r, optimiser = self.recipe, self.sgd()
        for round in range(r.rounds):
            # The nearest images of those of low entropy, a quarter more with every round, count as the same image.
            found, sets = batched.neighbourhoods(self.bank, anchors(len(self.bank), 0.25, round), r.neighbours)
            same = (self.labels[sets[found, 1:]] == self.labels[found, None]).double().mean().item()
            noted = {"anchors": len(found)} | ({"consistency": same} if round > 0 else {})
            for t in range(r.epochs):
                # Rate and w go by the epoch in the round; velocities, bank and running statistics go on.
                since = t + round * r.epochs if self.mistake == "w-over-rounds" else t
                w = 0.2 * RISES[r.schedule](round, since, r.epochs)
                self.epoch(
                    (1, round, t), optimiser, lambda v, i: stage_one_loss(v, i, self.bank, sets, w, self.mistake),
                    r.rate * factor(r.schedule, t, r.epochs), r.batch, entropyWeight=w, **noted)
            self.history[-1]["nearestNeighbours"] = neighbour_accuracy(
                self.bank, self.embed(self.pixels), self.labels, CLASSES)

    def stage_two(self):
        """Returns each head's loss in the epoch of the lowest total; the encoder and heads are that epoch's afterwards."""
        r, lowest = self.recipe, float("inf")
        optimiser = self.sgd(*[self.heads] * self.heads.requires_grad)
        for t in range(r.stage_two_epochs):
            self.epoch(
                (2, 0, t), optimiser, lambda v, _: stage_two_loss(v, self.heads, r, self.mistake),
                r.stage_two_rate * factor(r.schedule, t, r.stage_two_epochs), r.stage_two_batch)
            now = self.history[-1]
            if now["total"] < lowest:
                lowest, best = now["total"], copy.deepcopy((self.encoder.state_dict(), self.heads.detach()))
                of_heads = [now[f"head {h}"] for h in range(HEADS)]
            if (t + 1) % max(1, r.stage_two_epochs // 30) == 0:
                some = torch.arange(1000) * len(self.pixels) // 1000
                for h, y in enumerate(self.probabilities(self.pixels[some])):
                    now[f"accuracy of head {h}"] = scores(y.argmax(1), self.labels[some], CLASSES)["accuracy"]
        self.encoder.load_state_dict(best[0])
        self.heads = best[1]
        return of_heads

    def embed(self, pixels):
        """The embeddings of images as they are, with batch norm's running statistics."""
        with torch.no_grad():
            return torch.cat([self.encoder.eval()(self.standardised(part)) for part in pixels.split(1024)])

    def probabilities(self, pixels):
        return batched.probabilities(self.embed(pixels), self.heads.detach(), self.recipe)


def main():
    parser = argparse.ArgumentParser(description="Trains the recipe of the bundled digits.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="a new folder")
    parser.add_argument("--mistake", choices=MISTAKES, help="train with it, to see whether it shows")
    options = parser.parse_args()
    if options.out.exists():
        parser.error(f"{options.out} exists already and is not overwritten")
    torch.set_num_threads(1)
    training = Training(recipes.DIGITS, *read_digits(), options.seed, options.mistake)
    training.stage_one()
    of_heads = training.stage_two()
    if training.processes.end(training.bank):
        clusters = final_clusters(training.probabilities(training.pixels), of_heads)
        results = {rule: scores(found, training.labels, CLASSES) for rule, found in clusters.items()}
        write_run(options.out, training.history, results | {"seed": options.seed, "mistake": options.mistake})
        print(f"seed {options.seed}: ACC {100 * results['consensus']['accuracy']:.2f}")


if __name__ == "__main__":
    main()
