"""Two versions of the corpus, value by value: what changed, in units of the older one's float64 bound.

    python3 compare_corpora.py OLD NEW [--scales]

Every case of OLD must be in NEW with the same prompt. Prints how many values are the same bits, the tensors that differ by more than
OLD's bound for float64 (4 γ_n · scale and one smallest normal number per term), and the new cases; with --scales also which scales
changed. Exit code 1 if a case is lost, a prompt differs or a difference is outside. Needs numpy and safetensors.
"""
import argparse
import collections
import json
import pathlib

import numpy
from safetensors.numpy import load_file


def tensors(folder, name):
    path = folder / f"{name}.safetensors"
    return load_file(path) if path.exists() else {}


def bound(scale, terms):
    """What Profile.swift allows a Double program."""
    n = terms * 2.0 ** -53
    return 4 * n / (1 - n) * scale + terms * numpy.finfo(numpy.float64).tiny


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--scales", action="store_true")
    arguments = parser.parse_args()
    old, new = (pathlib.Path(p) / "cases" for p in (arguments.old, arguments.new))
    cases = [{p.parent.relative_to(root).as_posix() for p in root.glob("*/*/case.json")} for root in (old, new)]
    counts, worst, wrong = collections.Counter(), collections.defaultdict(float), sorted(cases[0] - cases[1])
    for identifier in wrong:
        print(f"lost: {identifier}")
    for identifier in sorted(cases[0] & cases[1]):
        before, after = old / identifier, new / identifier
        described = [json.loads((folder / "case.json").read_text()) for folder in (before, after)]
        if any(described[0][k] != described[1][k] for k in ("operation", "parameters", "generated")):
            wrong.append(identifier)
            print(f"another prompt: {identifier}")
        inputs = [tensors(folder, "inputs") for folder in (before, after)]
        if inputs[0].keys() != inputs[1].keys() or any(
                (inputs[0][k].tobytes(), inputs[0][k].dtype) != (inputs[1][k].tobytes(), inputs[1][k].dtype)
                for k in inputs[0]):
            wrong.append(identifier)
            print(f"other inputs: {identifier}")
        stored = [tensors(folder, "expected") for folder in (before, after)]
        values = [{k: v for k, v in s.items() if not k.endswith((".scale", ".factors"))} for s in stored]
        scales = [{k.removesuffix(".scale"): v.astype(float) for k, v in s.items() if k.endswith(".scale")}
                  for s in stored]
        if values[0].keys() != values[1].keys():
            wrong.append(identifier)
            print(f"other outputs: {identifier}")
            continue
        for name, value in values[0].items():
            other = values[1][name]
            counts["tensors"] += 1
            counts["values"] += value.size
            if value.tobytes() == other.tobytes():
                counts["tensors of the same bits"] += 1
                counts["values of the same bits"] += value.size
            elif value.dtype.kind != "f" or value.shape != other.shape:
                wrong.append(identifier)
                print(f"{identifier} {name}: whole numbers, bytes or the shape differ")
            else:
                limits = bound(scales[0][name], described[0]["outputs"][name]["terms"])
                counts["values of the same bits"] += int((value == other).sum())
                ratio = float(numpy.max(numpy.abs(value - other) / limits))
                worst[described[0]["operation"]] = max(worst[described[0]["operation"]], ratio)
                if ratio > 1:
                    wrong.append(identifier)
                    at = numpy.unravel_index(numpy.argmax(numpy.abs(value - other) / limits), value.shape)
                    print(f"{identifier} {name}: {ratio:.3g} bounds: {value[at]!r} is now {other[at]!r}")
            if arguments.scales and name in scales[0] and scales[0][name].tobytes() != scales[1][name].tobytes():
                change = numpy.max(numpy.abs(scales[1][name] / numpy.where(scales[0][name] == 0, 1, scales[0][name]) - 1))
                print(f"{identifier} {name}: the scale changed by up to {change:.2g} of itself")
    for what, count in counts.items():
        print(f"{count} {what}")
    for operation, ratio in sorted(worst.items()):
        print(f"{operation}: changed by at most {ratio:.2g} bounds")
    print(f"{len(cases[1] - cases[0])} new cases: {', '.join(sorted(cases[1] - cases[0]))}")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
