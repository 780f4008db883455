"""One whole step of each stage: every intermediate, every gradient, the state after."""
from ..registry import operation
from ..steps import StageOne, StageTwo
from ..tape import Tape


@operation("stage-one-step")
def stage_one_step(prompt):
    tape, views = Tape(), prompt.tensor("views")
    StageOne(prompt, views.shape[1]).step(views, prompt.indices("images"), tape)
    return tape.outputs()


@operation("stage-two-step")
def stage_two_step(prompt):
    tape, views = Tape(), prompt.tensor("views")
    StageTwo(prompt, views.shape[1]).step(views, tape)
    return tape.outputs()
