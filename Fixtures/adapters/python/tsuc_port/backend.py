"""The command line of a port: reads a folder of prompts, answers what it can, writes a folder of answers."""
import argparse
import fnmatch
import json
import sys
from pathlib import Path

import numpy as np

from . import files
from .prompts import Prompt, PromptError, corpus_hash, read_prompts


class Backend:
    """A port. One with a framework derives from it: `prompt` makes tensors of its own, `array` turns them back."""

    prompt = Prompt
    convolutions = "direct"  # or "winograd-2", "winograd-4", "fft": how convolutions may be computed
    storage = ()  # of "activations" and "bank": what may be stored in the 16 bits of the profile

    def __init__(self, name, version, operations, partial=False):
        """`partial`: operations without a function are no faults, and their cases are not claimed."""
        self.name, self.version, self.operations, self.partial = name, version, operations, partial

    def add_options(self, parser):
        """Options beyond those of every port."""

    def begin(self, options):
        """Prepares the framework; returns the profile that the answers are held to."""
        return options.dtype

    def answer(self, prompt):
        """The outputs for one prompt."""
        return self.operations[prompt.operation](prompt)

    def array(self, value):
        """A NumPy array of what an operation returned."""
        return np.asarray(value)

    def main(self, arguments=None):
        """Exits with status 0 if every prompt was answered, 1 if not, 2 if there is nothing to read."""
        try:
            sys.exit(self.run(self.parser().parse_args(arguments)))
        except (PromptError, OSError) as error:
            print(error, file=sys.stderr)
            sys.exit(2)

    def parser(self):
        parser = argparse.ArgumentParser(description=f"Answers a folder of prompts with {self.name}.")
        parser.add_argument("prompts", type=Path, help="a folder of prompts, or the corpus itself")
        parser.add_argument("--out", required=True, type=Path, help="the folder to write answers into")
        parser.add_argument("--dtype", choices=["float64", "float32"], default="float64")
        parser.add_argument("--only", default="*", help="a pattern of case identifiers, such as 'loss/*'")
        self.add_options(parser)
        return parser

    def run(self, options):
        profile = self.begin(options)
        asked, answered, faults = [], [], []
        for prompt in read_prompts(options.prompts, np.dtype(options.dtype), self.prompt):
            if not fnmatch.fnmatch(prompt.identifier, options.only):
                continue
            known = prompt.operation in self.operations
            asked.append((prompt.identifier, known))
            if not known:
                if not self.partial:
                    faults.append(f"{prompt.identifier}: no function answers the operation {prompt.operation}")
                continue
            try:
                outputs = self.answer(prompt)
                if prompt.unread():
                    raise PromptError(f"{prompt.operation} does not know {', '.join(prompt.unread())}")
                self.write(options.out, prompt.identifier, outputs)
                answered.append(prompt.identifier)
            except (PromptError, ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
                faults.append(f"{prompt.identifier}: {error or type(error).__name__}")
        self.write_capability(options.out, profile, corpus_hash(options.prompts), self.claims(asked, options.only))
        print(f"answered {len(answered)} of {len(asked)} prompts in {profile}")
        for fault in faults:
            print(fault, file=sys.stderr)
        return 1 if faults else 0

    def claims(self, asked, only):
        """Areas, or the pattern of --only; single cases where not all are known, or the judge reads no such pattern."""
        if self.partial or set("?[") & set(only):
            return sorted(identifier for identifier, known in asked if known or not self.partial)
        return [only] if only != "*" else sorted({identifier.split("/")[0] for identifier, _ in asked})

    def write(self, folder, identifier, outputs):
        """One case's outputs: real numbers as they are, whole numbers I64, bytes U8."""
        path = folder / (identifier + ".safetensors")
        path.parent.mkdir(parents=True, exist_ok=True)
        files.save({name: stored(self.array(value)) for name, value in outputs.items()}, path)

    def write_capability(self, folder, profile, corpus, claims):
        """What this backend is, which arithmetic it is held to and what it claims to answer."""
        capability = {"backend": self.name, "version": self.version, "scalar": profile, "claims": claims}
        if self.convolutions != "direct":
            capability["convolutions"] = self.convolutions
        if self.storage:
            capability["storage"] = list(self.storage)
        if corpus:
            capability["corpus"] = corpus
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(capability, indent=2, sort_keys=True) + "\n"
        (folder / "capability.json").write_text(text, encoding="utf-8")


def stored(array):
    """An array in the type in which it is written."""
    whole = array.dtype.kind in "iub" and array.dtype != np.uint8
    return array.astype(np.int64) if whole else array
