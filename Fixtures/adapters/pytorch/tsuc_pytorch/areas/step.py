"""One whole step of each stage: every intermediate, every gradient, the state after."""
from tsuc_port.settings import tells_constants

from ..registry import operation
from ..steps import StageOne, StageTwo
from ..tape import Tape


@operation("stage-one-step")
def stage_one_step(prompt):
    tape, views = Tape(), prompt.tensor("views")
    stage = StageOne(prompt, views.shape[1])
    stage.step(views, prompt.indices("images"), tape)
    return tape.outputs() | (stage.constants() if tells_constants(prompt) else {})


@operation("stage-two-step")
def stage_two_step(prompt):
    tape, views = Tape(), prompt.tensor("views")
    stage = StageTwo(prompt, views.shape[1])
    stage.step(views, tape)
    return tape.outputs() | (stage.constants() if tells_constants(prompt) else {})
