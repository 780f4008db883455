"""python -m tsuc_pytorch PROMPTS --out ANSWERS [--dtype float64|float32] [--products FORMAT | --convolutions METHOD] [--only PATTERN]"""
import contextlib

import torch
from tsuc_port import Backend, PromptError

from . import areas  # noqa: F401  registers every operation
from .convolutions import METHODS, ConvolutionsBy
from .products import ROUNDINGS, RoundedProducts
from .prompts import Prompt
from .registry import ANSWERS


class PyTorch(Backend):
    """One thread, deterministic algorithms, and factors of products that may be rounded."""

    prompt = Prompt

    def add_options(self, parser):
        parser.add_argument(
            "--products", choices=["float32", *ROUNDINGS], default="float32",
            help="the format that float32's factors of matrix products and convolutions are rounded to")
        parser.add_argument(
            "--convolutions", choices=["direct", *METHODS], default="direct", help="how convolutions are computed")

    def begin(self, options):
        if options.products in ROUNDINGS and options.dtype != "float32":
            raise PromptError(f"--products {options.products} needs --dtype float32, not {options.dtype}")
        if options.products in ROUNDINGS and options.convolutions in METHODS:
            raise PromptError("--products and --convolutions exclude each other")
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(True)
        torch.set_default_dtype(getattr(torch, options.dtype))
        self.profile = options.products if options.products in ROUNDINGS else options.dtype
        self.convolutions = options.convolutions
        return self.profile

    def answer(self, prompt):
        mode = contextlib.nullcontext()
        if self.profile in ROUNDINGS:
            mode = RoundedProducts(self.profile)
        elif self.convolutions in METHODS:
            mode = ConvolutionsBy(self.convolutions)
        with mode:
            return super().answer(prompt)

    def array(self, value):
        return super().array(value.detach() if isinstance(value, torch.Tensor) else value)


PyTorch("pytorch", torch.__version__, ANSWERS).main()
