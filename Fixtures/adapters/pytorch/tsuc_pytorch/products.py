"""Matrix products and convolutions whose factors are rounded first, as tensor cores round them; sums stay in float32.

Below autograd every product is one of a few operators, in the forward pass and in the gradients alike. A dispatch mode
sees them there, so it rounds the factors of each: of y = a b also those of ∂a = g bᵀ and ∂b = aᵀ g, where a and b were
saved unrounded. What is added to a product (a bias, a matrix) and what is only summed (a bias's gradient) is no factor.
"""
import math

import torch
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten

# Where the two factors stand among the arguments.
FACTORS = {
    aten.mm.default: (0, 1), aten.bmm.default: (0, 1), aten.addmm.default: (1, 2), aten.baddbmm.default: (1, 2),
    aten.convolution.default: (0, 1),
}

# Autograd has an elementwise product for the matrix's gradient, which cannot be told from others: use n × 1 matrices.
REFUSED = {aten.mv.default, aten.addmv.default}

# Of convolution_backward: the gradient of the output, then the input and the weight; last, which gradients are wanted.
OUTPUT_GRADIENT, INPUT, WEIGHT, WANTED = 0, 1, 2, -1


def to_tensor_float(x):
    """The nearest number of 11 significant bits, ties to even; infinity beyond the largest one."""
    bits = x.view(torch.int32)
    # Half a unit of the last kept bit, less one if that bit is 0; a carry goes rightly into the exponent.
    rounded = (bits + 0xFFF + ((bits >> 13) & 1)) & ~0x1FFF
    return torch.where(x.isfinite(), rounded.view(torch.float32), x)


def to_brain_float(x):
    """The nearest number of 8 significant bits, ties to even."""
    return x.to(torch.bfloat16).to(x.dtype)


def to_half(x):
    """The nearest float16, ties to even, times a power of two for the whole tensor, as by loss scaling: its largest
    number lies between 2^14 and 2^15, so that what is smaller by up to 2^28 keeps its 11 significant bits."""
    finite = x[x.isfinite()]
    largest = finite.abs().max().item() if len(finite) else 0
    scale = math.ldexp(1, min(15 - math.frexp(largest)[1], 126))
    return (x * scale).to(torch.float16).to(x.dtype) / scale


ROUNDINGS = {"tf32": to_tensor_float, "bfloat16": to_brain_float, "float16": to_half}


class RoundedProducts(TorchDispatchMode):
    """Rounds the factors of every product that is computed while it is active; backward passes must lie within, too."""

    def __init__(self, products):
        super().__init__()
        self.rounding = ROUNDINGS[products]

    def rounded(self, factor):
        if factor.dtype != torch.float32:
            raise ValueError(f"only factors in float32 are rounded, not in {factor.dtype}")
        return self.rounding(factor)

    def __torch_dispatch__(self, operator, types, arguments=(), keywords=None):
        if operator in REFUSED:
            raise ValueError(f"{operator} has a gradient whose factors cannot be rounded; use a matrix of one column")
        arguments, keywords = list(arguments), keywords or {}
        if operator is aten.convolution_backward.default:
            return self.convolution_backward(arguments, keywords)
        for place in FACTORS.get(operator, ()):
            arguments[place] = self.rounded(arguments[place])
        return operator(*arguments, **keywords)

    def convolution_backward(self, arguments, keywords):
        """The gradients of input and weight from rounded factors, that of the bias from what really came in."""
        gradient, (of_input, of_weight, of_bias) = arguments[OUTPUT_GRADIENT], arguments[WANTED]
        for place in (OUTPUT_GRADIENT, INPUT, WEIGHT):
            arguments[place] = self.rounded(arguments[place])
        arguments[WANTED] = [of_input, of_weight, False]
        found = aten.convolution_backward.default(*arguments, **keywords)
        return *found[:2], gradient.sum([0, *range(2, gradient.ndim)]) if of_bias else None
