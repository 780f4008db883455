"""Many steps of each stage, of which the losses and a few probes are kept."""
import torch
from tsuc_port.settings import CHECKPOINTS

from ..registry import operation
from ..steps import StageOne, StageTwo
from ..tape import Silence


def length(values):
    """The Euclidean norm, in float64 and block by block.

    Two million squares added up one after the other err by hundreds of roundings, more than the step that is to be seen.
    """
    return torch.stack([block.norm() for block in values.double().flatten().split(4096)]).norm()


def walk(prompt, stage, steps):
    """Takes every step; steps(s) performs one."""
    losses, norms = [], []
    for s in range(prompt.parameter("steps")):
        embeddings = steps(s)
        losses.append(stage.descent.total.detach())
        if s + 1 in CHECKPOINTS:
            lengths = [length(p.detach()) for p in stage.descent.parameters.values()]
            norms.append(torch.stack(lengths).to(embeddings.dtype))
    return {"losses": torch.stack(losses), "norms": torch.stack(norms), "embeddings": embeddings}


@operation("stage-one-trajectory")
def stage_one_trajectory(prompt):
    views = prompt.tensor("views")
    stage = StageOne(prompt, views.shape[2])
    images = prompt.indices("images").view(len(views), -1)
    outputs = walk(prompt, stage, lambda s: stage.step(views[s], images[s], Silence()))
    return outputs | {"bank.new": stage.bank}


@operation("stage-two-trajectory")
def stage_two_trajectory(prompt):
    views = prompt.tensor("views")
    stage = StageTwo(prompt, views.shape[2])
    return walk(prompt, stage, lambda s: stage.step(views[s], Silence()))
