"""One whole step of each stage with every intermediate, and many steps with their losses and a few probes."""
import numpy as np
from tsuc_port.settings import CHECKPOINTS, DescentSettings, Layout, MemorySettings, tells_constants

from ..encoder import read
from ..layers import sobel_filters
from ..registry import call, operation
from ..steps import StageOne, StageTwo, step


class Run:
    """The state of a training, and how it takes a step."""

    def __init__(self, prompt, views, rows, stage, memory=None):
        layout = Layout.of(prompt, views.shape[-3])
        parameters, statistics, training = read(prompt, layout.shapes())
        velocities = {name: prompt.real(name + ".velocity") if name + ".velocity" in prompt else value * 0
                      for name, value in parameters.items()}
        self.state = parameters, statistics, velocities, rows
        self.settings = {"layout": layout, "training": training, "stage": stage, "memory": memory,
                         "descent": DescentSettings.of(prompt), "rate": prompt.parameter("learningRate")}

    def step(self, views, extra=(), noting=False):
        """The total, or every note, and the embeddings."""
        self.state, found, embeddings = call(step, self.state, views, extra, **self.settings, noting=noting)
        return found, embeddings

    def filters(self, views):
        """Of every Sobel stream the filters on its channels, which no step changes."""
        layout = self.settings["layout"]
        return {layout.prefix(s) + "sobel.weight.new": sobel_filters(views.shape[1], views.dtype)
                for s, kind in enumerate(layout.streams) if kind == "sobel"}

    def walk(self, prompt, views, extras):
        """All steps; after some, the norm of every parameter in float64, which NumPy adds up pairwise."""
        totals, norms = [], []
        for s in range(prompt.parameter("steps")):
            total, embeddings = self.step(views[s], extras[s])
            totals.append(total)
            if s + 1 in CHECKPOINTS:
                # Not in the order of the state: what a compiled function returns as a dictionary is sorted by name.
                ordered = (np.asarray(self.state[0][name], np.float64) for name in self.settings["layout"].shapes())
                norms.append([np.sqrt(np.square(parameter).sum()) for parameter in ordered])
        return {"losses": np.array(totals), "norms": prompt.reals(norms), "embeddings": embeddings}


def first_stage(prompt):
    """The run, and what it must know of the images of a batch."""
    views, bank, stage = prompt.real("views"), prompt.real("bank"), StageOne.of(prompt)
    run = Run(prompt, views, bank, stage, MemorySettings.of(prompt))
    return run, views, lambda images: stage.sets(prompt, images, len(bank))


def second_stage(prompt):
    views = prompt.real("views")
    return Run(prompt, views, prompt.real("heads"), StageTwo.of(prompt)), views


@operation("stage-one-step")
def stage_one_step(prompt):
    run, views, sets = first_stage(prompt)
    notes = run.step(views, sets(prompt.whole("images")), noting=True)[0]
    return notes | (run.filters(views) if tells_constants(prompt) else {})


@operation("stage-two-step")
def stage_two_step(prompt):
    run, views = second_stage(prompt)
    notes = run.step(views, noting=True)[0]
    return notes | (run.filters(views) | {"heads.new": run.state[3]} if tells_constants(prompt) else {})


@operation("stage-one-trajectory")
def stage_one_trajectory(prompt):
    run, views, sets = first_stage(prompt)
    images = prompt.whole("images").reshape(len(views), -1)
    return run.walk(prompt, views, [sets(batch) for batch in images]) | {"bank.new": run.state[3]}


@operation("stage-two-trajectory")
def stage_two_trajectory(prompt):
    run, views = second_stage(prompt)
    return run.walk(prompt, views, [()] * len(views))
