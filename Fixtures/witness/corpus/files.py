"""Prompt folders in, response folders out: case.json and safetensors."""
import json
import pathlib

import mpmath
import numpy
from mpmath import mp, mpf
from safetensors.numpy import load_file, save

from . import philox


class Prompt:
    """One question: an operation, its parameters and its input tensors by name."""

    def __init__(self, operation, parameters=None, inputs=None, identifier=""):
        self.id = identifier
        self.operation = operation
        self.parameters = parameters or {}
        self.inputs = inputs or {}

    def __getitem__(self, name):
        return self.inputs[name]

    def __contains__(self, name):
        return name in self.inputs

    def parameter(self, name, default=None):
        """A parameter, or its default; no default: it must be there."""
        if name not in self.parameters and default is None:
            raise KeyError(f"{self.operation} needs the parameter {name}")
        return self.parameters.get(name, default)

    def real(self, name, default=None):
        """A parameter that is a number, with all digits of its float64."""
        return mpf(float(self.parameter(name, default)))


def identifiers(folder):
    """The cases of a prompt folder, in order."""
    root = pathlib.Path(folder) / "cases"
    found = sorted(path.parent.relative_to(root).as_posix() for path in root.glob("*/*/case.json"))
    if not found:
        raise SystemExit(f"there are no cases/AREA/SLUG/case.json in {folder}")
    return found


def operation_of(folder, identifier):
    """What a case asks; the inputs of networks are many to generate, and none of this witness's business."""
    return _case(pathlib.Path(folder) / "cases" / identifier)["operation"]


def _case(root):
    return json.loads((root / "case.json").read_text(encoding="utf-8"))


def read_prompt(folder, identifier):
    """One prompt with its stored and its generated inputs."""
    root = pathlib.Path(folder) / "cases" / identifier
    case = _case(root)
    stored = root / "inputs.safetensors"
    inputs = load_file(stored) if stored.exists() else {}
    for name, recipe in case.get("generated", {}).items():
        inputs[name] = generated(recipe)
    return Prompt(case["operation"], case.get("parameters", {}), inputs, identifier)


def generated(recipe):
    """A tensor of normal numbers times a scale, rounded to float32."""
    stream = philox.Stream(recipe["seed"], purpose=0, image=recipe["image"])
    scale = mpf(float(recipe["scale"]))
    count = int(numpy.prod(recipe["shape"], dtype=numpy.int64))
    values = [_single(scale * stream.normal()) for _ in range(count)]
    return numpy.array(values, numpy.float32).reshape(recipe["shape"])


def _single(x):
    """The nearest float32; refused where the last bits of a float64 would decide, for then the recipe is no number."""
    near = numpy.float32(float(x))
    for other in (numpy.nextafter(near, numpy.float32(numpy.inf)), numpy.nextafter(near, numpy.float32(-numpy.inf))):
        middle = (mpf(float(near)) + mpf(float(other))) / 2
        if abs(x - middle) < abs(middle) * mp.ldexp(1, -48):
            raise ArithmeticError(f"{mpmath.nstr(x, 20)} lies between two float32 numbers")
    return near


def corpus_hash(folder):
    """The hash that the folder's manifest names; empty without one."""
    manifest = pathlib.Path(folder) / "manifest.json"
    if not manifest.exists():
        return ""
    members = json.loads(manifest.read_text(encoding="utf-8"))
    return members.get("corpus", members.get("hash", ""))


def write_answer(folder, identifier, outputs):
    """AREA/SLUG.safetensors; the same outputs give the same bytes."""
    path = pathlib.Path(folder) / f"{identifier}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save({name: numpy.ascontiguousarray(outputs[name]).reshape(outputs[name].shape)
                           for name in sorted(outputs)}))


def write_capability(folder, version, corpus, claims):
    """capability.json."""
    members = {"backend": "mpmath", "claims": claims, "corpus": corpus, "scalar": "float64", "version": version}
    text = json.dumps(members, indent=2, sort_keys=True, ensure_ascii=False)
    (pathlib.Path(folder) / "capability.json").write_text(text + "\n", encoding="utf-8")
