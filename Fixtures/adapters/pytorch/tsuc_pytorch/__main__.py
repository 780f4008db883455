"""python -m tsuc_pytorch PROMPTS --out RESPONSES [--dtype float64|float32] [--products FORMAT] [--only PATTERN]"""
import argparse
import contextlib
import fnmatch
import sys

import torch

from . import areas  # noqa: F401  registers every operation
from .products import ROUNDINGS, RoundedProducts
from .prompts import PromptError, corpus_hash, read_prompts
from .registry import ANSWERS
from .responses import write_capability, write_response


def arguments():
    parser = argparse.ArgumentParser(prog="tsuc_pytorch", description="Answers a folder of prompts with PyTorch.")
    parser.add_argument("prompts", help="a folder of prompts, or the corpus itself")
    parser.add_argument("--out", required=True, help="the folder to write responses into")
    parser.add_argument("--dtype", choices=["float64", "float32"], default="float64")
    parser.add_argument(
        "--products", choices=["float32", *ROUNDINGS], default="float32",
        help="the format that float32's factors of matrix products and convolutions are rounded to")
    parser.add_argument("--only", default="*", help="a pattern of case identifiers, such as 'loss/*'")
    options = parser.parse_args()
    if options.products in ROUNDINGS and options.dtype != "float32":
        parser.error(f"--products {options.products} needs --dtype float32, not {options.dtype}")
    return options


def main():
    options = arguments()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    dtype = getattr(torch, options.dtype)
    torch.set_default_dtype(dtype)
    profile = options.products if options.products in ROUNDINGS else options.dtype
    answered, claims, faults = 0, set(), []
    for prompt in read_prompts(options.prompts, dtype):
        if not fnmatch.fnmatch(prompt.identifier, options.only):
            continue
        claims.add(prompt.identifier.split("/")[0])
        if prompt.operation not in ANSWERS:
            faults.append(f"{prompt.identifier}: no function answers the operation {prompt.operation}")
            continue
        try:
            with RoundedProducts(profile) if profile in ROUNDINGS else contextlib.nullcontext():
                outputs = ANSWERS[prompt.operation](prompt)
            if prompt.unread():
                raise PromptError(f"{prompt.operation} does not know {', '.join(prompt.unread())}")
            write_response(options.out, prompt.identifier, outputs)
            answered += 1
        except (PromptError, RuntimeError, ValueError, KeyError, IndexError) as error:
            faults.append(f"{prompt.identifier}: {error or type(error).__name__}")
    claims = claims if options.only == "*" else {options.only}
    write_capability(options.out, profile, corpus_hash(options.prompts), claims)
    print(f"answered {answered} of {answered + len(faults)} prompts in {profile}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (PromptError, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)
