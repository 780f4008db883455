"""The residual block, forward and backward."""
from ..networks import Block, load, state_after
from ..precision import backward
from ..registry import operation


@operation("residual-block")
def residual_block(prompt):
    x = prompt.variable("x")
    width, inputs = prompt.array("conv1.weight").shape[:2]
    block = load(Block(inputs, width, prompt.parameter("stride", 1)), prompt)
    y = block(x)
    backward(y, [x, *block.parameters()], prompt.tensor("y.cotangent"))
    return {"y": y, "x.gradient": x.grad} | state_after(block)
