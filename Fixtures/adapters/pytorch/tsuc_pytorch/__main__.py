"""python -m tsuc_pytorch PROMPTS --out ANSWERS [--dtype float64|float32] [--products FORMAT] [--only PATTERN]"""
import contextlib

import torch
from tsuc_port import Backend, PromptError

from . import areas  # noqa: F401  registers every operation
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

    def begin(self, options):
        if options.products in ROUNDINGS and options.dtype != "float32":
            raise PromptError(f"--products {options.products} needs --dtype float32, not {options.dtype}")
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(True)
        torch.set_default_dtype(getattr(torch, options.dtype))
        self.profile = options.products if options.products in ROUNDINGS else options.dtype
        return self.profile

    def answer(self, prompt):
        with RoundedProducts(self.profile) if self.profile in ROUNDINGS else contextlib.nullcontext():
            return super().answer(prompt)

    def array(self, value):
        return super().array(value.detach() if isinstance(value, torch.Tensor) else value)


PyTorch("pytorch", torch.__version__, ANSWERS).main()
