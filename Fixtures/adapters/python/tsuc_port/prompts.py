"""Reads a folder of prompts: AREA/SLUG/case.json says what is asked, inputs.safetensors on which tensors."""
import json
from pathlib import Path

import numpy as np

from . import files
from .philox import Stream

GENERATED = 0


class PromptError(Exception):
    """What a prompt lacks or has wrong, in one sentence."""


class Prompt:
    """One question: an operation, its parameters and its input tensors; real inputs come in the run's precision."""

    def __init__(self, identifier, operation, parameters, inputs, dtype):
        self.identifier = identifier
        self.operation = operation
        self.parameters = parameters
        self.inputs = inputs
        self.dtype = dtype
        self.read = set()

    def __contains__(self, name):
        return name in self.inputs

    def unread(self):
        """The parameters and inputs that nobody asked for: what the prompt asks and the answer does not know of."""
        return sorted((self.parameters.keys() | self.inputs.keys()) - self.read)

    def parameter(self, name, default=None):
        """A parameter, or its default; one without a default must be given."""
        self.read.add(name)
        value = self.parameters.get(name, default)
        if value is None:
            raise PromptError(f"the parameter {name} is not given")
        return value

    def optional(self, name):
        """A parameter, or None where it is not given."""
        self.read.add(name)
        return self.parameters.get(name)

    def choice(self, name, options, default):
        """A parameter that names one of several options."""
        value = self.parameter(name, default)
        if value not in options:
            raise PromptError(f"{name} must be one of {', '.join(options)}, not {value}")
        return value

    def array(self, name):
        """An input as it lies in the file."""
        self.read.add(name)
        if name not in self.inputs:
            raise PromptError(f"there is no input {name} among {', '.join(sorted(self.inputs))}")
        return self.inputs[name]

    def real(self, name):
        """An array of real numbers in the run's precision; a new one, which may be written."""
        return self.array(name).astype(self.dtype)

    def reals(self, numbers):
        """Numbers, computed in double precision, in the run's precision."""
        return np.asarray(numbers, np.float64).astype(self.dtype)

    def product(self, a, b):
        """The product of two matrices of the run's precision; a framework puts its own in place of NumPy's."""
        return a @ b

    def whole(self, name):
        """An array of whole numbers."""
        return self.array(name).astype(np.int64)

    def bytes(self, name):
        """An array of bytes."""
        array = self.array(name)
        if array.dtype != np.uint8:
            raise PromptError(f"{name} must hold bytes, not {array.dtype}")
        return array


def generated(recipe):
    """A large input that is given by its recipe: scale · normal numbers of one stream, rounded to float32."""
    stream = Stream(seed=recipe["seed"], purpose=GENERATED, image=recipe["image"])
    numbers = stream.normals(int(np.prod(recipe["shape"])))
    return (recipe["scale"] * numbers).astype(np.float32).reshape(recipe["shape"])


def read_prompts(folder, dtype, kind=Prompt):
    """Yields every prompt under a folder, in the order of their identifiers."""
    folder = Path(folder)
    root = folder / "cases" if (folder / "cases").is_dir() else folder
    paths = sorted(root.rglob("case.json"))
    if not paths:
        raise PromptError(f"there is no case.json under {folder}")
    for path in paths:
        case = json.loads(path.read_text(encoding="utf-8"))
        stored = path.with_name("inputs.safetensors")
        inputs = files.load(stored) if stored.exists() else {}
        inputs.update({name: generated(recipe) for name, recipe in (case.get("generated") or {}).items()})
        yield kind(case["id"], case["operation"], case.get("parameters") or {}, inputs, dtype)


def corpus_hash(folder):
    """The hash of the corpus that the prompts belong to, or nothing where there is no manifest."""
    path = Path(folder) / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return manifest.get("corpus") or manifest.get("hash", "")
