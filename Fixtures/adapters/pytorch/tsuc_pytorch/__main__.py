"""python -m tsuc_pytorch PROMPTS --out ANSWERS [--dtype float64|float32] [--products FORMAT | --autocast FORMAT [--store-bank] | --convolutions METHOD] [--only PATTERN]"""
import contextlib

import torch
from tsuc_port import Backend, PromptError

from . import areas  # noqa: F401  registers every operation
from .convolutions import METHODS, ConvolutionsBy
from .precision import AUTOCASTS, in_mixed_precision, store_bank, wide
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
            "--autocast", choices=sorted(AUTOCASTS), help="mixed precision by torch.autocast, with --dtype float32")
        parser.add_argument("--store-bank", action="store_true", help="the memory bank in 16 bits too, with --autocast")
        parser.add_argument(
            "--convolutions", choices=["direct", *METHODS], default="direct", help="how convolutions are computed")

    def begin(self, options):
        self.modes = {
            "--products": options.products if options.products in ROUNDINGS else None, "--autocast": options.autocast,
            "--convolutions": options.convolutions if options.convolutions in METHODS else None}
        chosen = [option for option, value in self.modes.items() if value]
        if len(chosen) > 1:
            raise PromptError(f"{' and '.join(chosen)} exclude each other")
        reduced = options.autocast or self.modes["--products"]
        if reduced and options.dtype != "float32":
            raise PromptError(f"{chosen[0]} {reduced} needs --dtype float32, not {options.dtype}")
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(True)
        torch.set_default_dtype(getattr(torch, options.dtype))
        self.convolutions = options.convolutions
        self.storage = ["activations"] if options.autocast else []
        if options.store_bank:
            if not options.autocast:
                raise PromptError("--store-bank needs --autocast")
            store_bank(options.autocast)
            self.storage.append("bank")
        return reduced or options.dtype

    def answer(self, prompt):
        if self.modes["--autocast"]:
            return in_mixed_precision(self.modes["--autocast"], lambda: super(PyTorch, self).answer(prompt))
        mode = contextlib.nullcontext()
        if self.modes["--products"]:
            mode = RoundedProducts(self.modes["--products"])
        elif self.modes["--convolutions"]:
            mode = ConvolutionsBy(self.modes["--convolutions"])
        with mode:
            return super().answer(prompt)

    def array(self, value):
        if isinstance(value, torch.Tensor):
            value = wide(value.detach()) if value.is_floating_point() else value
        return super().array(value)


PyTorch("pytorch", torch.__version__, ANSWERS).main()
