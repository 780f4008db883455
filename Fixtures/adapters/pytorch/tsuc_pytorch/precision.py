"""Mixed precision by torch.autocast: what leaves a product for a loss or a norm becomes float32, and gradients are scaled.

Under autocast products and layers return 16 bits, and so do their gradients. float16 loses digits below 6.1e-5, so what is
differentiated is multiplied by a power of two before the backward pass and gradients are divided by it; where they
overflow the power is made smaller and all is computed again, as with torch.amp.GradScaler.
"""
import contextlib

import torch

AUTOCASTS = {"bfloat16": (torch.bfloat16, [0]), "float16": (torch.float16, [12, 8, 4, 0])}

_scale = 1.0
_bank_type = None


def store_bank(name):
    """From now on the memory bank is stored in 16 bits."""
    global _bank_type
    _bank_type = AUTOCASTS[name][0]


def stored(bank):
    """The memory bank as it is stored."""
    return bank if _bank_type is None else wide(bank.to(_bank_type))


@contextlib.contextmanager
def autocast(dtype, exponent):
    """Mixed precision while it is active, gradients scaled by a power of two; backward passes lie within."""
    global _scale
    _scale = 2.0**exponent
    try:
        # Parameters change between the steps of a prompt: a cache would go on with those of the first step.
        with torch.autocast("cpu", dtype=dtype, cache_enabled=False):
            yield
    finally:
        _scale = 1.0


def in_mixed_precision(name, compute):
    """The outputs of a computation under autocast with the largest scale whose gradients stay finite."""
    dtype, exponents = AUTOCASTS[name]
    for exponent in exponents:
        with autocast(dtype, exponent):
            outputs = compute()
        if all(torch.isfinite(torch.as_tensor(value)).all() for value in outputs.values()):
            break
    return outputs


def wide(x):
    """A tensor in the run's own precision: on the CPU autocast computes softmax, norms and logarithms in 16 bits too."""
    return x.to(torch.get_default_dtype())


def backward(y, leaves, cotangent=None):
    """Adds the gradients of the leaves into .grad; those of other watched tensors stay scaled until `unscaled`."""
    y = wide(y)
    y.backward(_scale * (torch.ones_like(y) if cotangent is None else cotangent))
    for leaf in leaves:
        if leaf.grad is not None:
            leaf.grad /= _scale


def unscaled(gradient):
    """The gradient that a tensor on the way was left with by `backward`."""
    return wide(gradient) / _scale


def gradients_of(loss, tensors):
    """torch.autograd.grad of a loss, the graph kept."""
    return [unscaled(gradient) for gradient in torch.autograd.grad(_scale * loss, tensors, retain_graph=True)]
