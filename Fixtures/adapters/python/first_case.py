"""A backend in forty lines: softmax and L2 normalisation, forward and backward, in NumPy."""
import numpy as np
from tsuc_port import Backend, Registry

answers = Registry()


def over_rows(x):
    return x.sum(axis=1, keepdims=True)


@answers.operation("softmax-of-rows")
def softmax(prompt):
    x, g = prompt.real("x"), prompt.real("y.cotangent")
    if "absent" in prompt:
        x[prompt.whole("absent") == 1] = -np.inf
    e = np.exp(x - x.max(axis=1, keepdims=True))
    y = e / over_rows(e)
    gradient = y * (g - over_rows(g * y))
    return {"y": y, "x.gradient": gradient}


@answers.operation("l2-normalisation")
def unit_rows(prompt):
    x, g = prompt.real("x"), prompt.real("y.cotangent")
    epsilon = prompt.dtype.type(prompt.parameter("epsilon", 1e-12))
    norm = np.sqrt(over_rows(x * x))
    length = np.maximum(norm, epsilon)
    y = x / length
    # A length below epsilon is a constant, and a row of zeros has no gradient by definition.
    projected = g - np.where(norm > epsilon, y * over_rows(y * g), 0)
    gradient = np.where((x != 0).any(axis=1, keepdims=True), projected / length, 0)
    return {"y": y, "x.gradient": gradient}


if __name__ == "__main__":
    Backend("first-case", np.__version__, answers, partial=True).main()
