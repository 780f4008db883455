"""The first steps of `tsuc oracle path`, taken by the loop of train.py on batches and views of its own, to be judged.

    tsuc oracle path --data data_batch_1.bin --count 320 --out PATH
    python judged_steps.py PATH --data data_batch_1.bin --count 320 --out ANSWERS --dtype float32
    tsuc oracle judge PATH ANSWERS

Weights, velocities, statistics, bank, neighbours and heads of each prompt are where the steps start; its batches and views
are not read but drawn by their keys. Only the steps are answered, not the prompts of single losses.
"""
import itertools
from pathlib import Path

import torch
from train_paper import PaperTraining
from tsuc_port import Backend, PromptError, Registry
from tsuc_port.settings import CHECKPOINTS, Layout, neighbour_lists
from tsuc_pytorch import keyed, recipes
from tsuc_pytorch.areas.trajectory import length
from tsuc_pytorch.batched import stage_one_loss, stage_two_loss
from tsuc_pytorch.networks import load
from tsuc_pytorch.optimiser import sgd
from tsuc_pytorch.prompts import Prompt

# The epoch of the whole run that a part belongs to: stage 1's round 2 has w > 0 from its epoch 80 on.
EPOCHS = {"stage-one": 0, "stage-one-anchors": 2 * 200 + 80, "stage-two": 5 * 200}
CONSTANTS = {
    "momentum": 0.9, "nesterov": True, "weightDecay": 5e-4, "temperature": 0.1, "negativeWeight": 1, "stopsGradient": True,
    "denominator": "released", "reduction": "mean", "bankTemperature": 0.1, "bankMomentum": 0.5, "viewPolicy": "second",
    "augmentationSpace": "relation", "headTemperature": 0.1, "axis": "class", "marginalEntropyWeight": 1,
    "symmetrised": True, "consistencyWeight": 1}


class JudgedSteps(Backend):
    prompt = Prompt

    def add_options(self, parser):
        parser.add_argument("--data", type=Path, required=True, help="what `tsuc oracle path` was given")
        parser.add_argument("--count", type=int, help="what `tsuc oracle path` was given")
        parser.add_argument("--seed", type=int, default=0, help="what `tsuc oracle path` was given")

    def begin(self, options):
        torch.set_num_threads(1)
        torch.set_default_dtype(getattr(torch, options.dtype))
        self.images, self.seed = keyed.read_cifar(options.data, options.count), options.seed
        return options.dtype

    def array(self, value):
        return super().array(value.detach() if isinstance(value, torch.Tensor) else value)

    def answer(self, prompt):
        part, _, after = prompt.identifier.split("/")[1].partition("-after-")
        for name in CONSTANTS.keys() & prompt.parameters.keys():
            if prompt.parameter(name) != CONSTANTS[name]:
                raise PromptError(f"the loop has {name} {CONSTANTS[name]}, not {prompt.parameter(name)}")
        training = PaperTraining(
            *self.images, self.seed, recipe=recipes.PAPER_CIFAR10._replace(encoder=Layout.of(prompt, 3)))
        load(training.encoder, prompt)
        optimiser = sgd(dict(training.encoder.named_parameters()), prompt, prompt.parameter("learningRate"))
        if part == "stage-two":
            stage, training.heads = 2, prompt.tensor("heads")
            loss = lambda v, _: stage_two_loss(v, training.heads, training.recipe)
        else:
            stage, training.bank, w = 1, prompt.tensor("bank"), prompt.parameter("entropyWeight", 0)
            sets = torch.tensor([
                [i, *neighbour_lists(prompt).get(i, [i])] for i in range(len(training.bank))])
            loss = lambda v, images: stage_one_loss(v, images, training.bank, sets, w)
            prompt.array("images")
        size, count = prompt.array("views").shape[1] // 2, prompt.parameter("steps")
        losses, norms = [], []
        steps = training.steps(stage, size, EPOCHS[part], int(after or 0))
        for number, (views, images) in enumerate(itertools.islice(steps, count)):
            v, terms = training.step(views, images, stage, optimiser, loss)
            losses.append(terms["total"].detach())
            if number + 1 in CHECKPOINTS:
                lengths = [length(p.detach()) for p in training.encoder.parameters()]
                norms.append(torch.stack(lengths).to(v.dtype))
        outputs = {"losses": torch.stack(losses), "norms": torch.stack(norms), "embeddings": v}
        return outputs | ({"bank.new": training.bank} if stage == 1 else {})


ANSWERS = Registry({"stage-one-trajectory": None, "stage-two-trajectory": None})

if __name__ == "__main__":
    JudgedSteps("pytorch-loop", torch.__version__, ANSWERS, partial=True).main()
