"""Answers prompts of the area "augment" but grey views, and "crop-parameters", "jitter-parameters" and "rand-parameters" of the area
"rng", with Pillow.

Run: python3 Fixtures/witness/corpus_pillow.py PROMPTS --out RESPONSES

PROMPTS is a folder with cases/AREA/SLUG/case.json (operation, parameters) and inputs.safetensors, or the same without "cases".
RESPONSES gets AREA/SLUG.safetensors and capability.json. Pixels are Pillow's, random numbers those of pillow_views.py.
"""
import argparse
import json
import sys
from pathlib import Path

import numpy
import PIL
from safetensors.numpy import load_file, save_file

import pillow_rand as rand
import pillow_views as views


def box(p):
    return tuple(p[k] for k in ("left", "top", "width", "height"))


def size(p):
    return p["outputHeight"], p["outputWidth"], p.get("passes", "automatic")


def pixels(change):
    """An operation from a Pillow picture to another."""
    return lambda p, x: {"y": views.from_pillow(change(views.to_pillow(x["image"]), p))}


def colour_view(p, x):
    names = ("brightness", "contrast", "saturation", "hue")
    jittered = p.get("jittered", True)
    parameters = dict(box=box(p), jittered=jittered, greyscale=p["greyscale"], flipped=p["flipped"])
    if jittered:
        parameters |= dict(order=p["order"], factors=[p[n] for n in names])
    return dict(zip(("cropped", "jittered", "y"), views.view(x["image"], parameters, *size(p))))


def normalisation(p, x):
    mean, deviation = (numpy.array(p[n], dtype=numpy.float64)[:, None, None] for n in ("mean", "deviation"))
    return {"y": (x["image"] / numpy.float64(255) - mean) / deviation}


def crop_parameters(p, _):
    settings = dict(crop=dict(area=p["area"], ratio=p["ratio"]), jitterProbability=1, brightness=[1, 1], contrast=[1, 1],
                    saturation=[1, 1], hue=[0, 0], greyscaleProbability=0, flipProbability=0)
    boxes = [views.draw(settings, p["seed"], p.get("epoch", 0), i, p.get("view", 0), p["height"], p["width"])["box"]
             for i in p["images"]]
    return {"boxes": numpy.array(boxes, dtype=numpy.int64)}


def jitter_parameters(p, _):
    drawn = [views.draw(p, p["seed"], p.get("epoch", 0), i, p.get("view", 0), 1, 1) for i in p["images"]]
    answer = {n: numpy.array([d[n] for d in drawn], dtype=numpy.int64) for n in ("order", "jittered", "greyscale", "flipped")}
    return answer | {"factors": numpy.array([d["factors"] for d in drawn], dtype=numpy.float64)}


def rand_view(p, x):
    y = rand.explicit_view(x["image"], p)
    normalised = normalisation(p, {"image": y})["y"]
    if p.get("fill") == "mean":
        left, top, width, height = p["cutout"]
        normalised[:, top:top + height, left:left + width] = 0
    return {"y": y, "normalised": normalised}


def rand_parameters(p, _):
    drawn = [rand.draw(p, p["seed"], p.get("epoch", 0), i, p.get("view", 0), p["height"], p["width"]) for i in p["images"]]
    count, whole = p.get("operationCount", 2 if p["variant"] == "ruc" else 4), numpy.int64
    kinds = [[rand.KINDS.index(kind) for kind, _ in d["operations"]] for d in drawn]
    values = [[value for _, value in d["operations"]] for d in drawn]
    return {"crop": numpy.array([d["box"] for d in drawn], whole), "flipped": numpy.array([d["flipped"] for d in drawn], whole),
            "cutout": numpy.array([d["cutout"] for d in drawn], whole),
            "kinds": numpy.array([k + [-1] * (count - len(k)) for k in kinds], whole),
            "values": numpy.array([v + [0] * (count - len(v)) for v in values], numpy.float64)}


OPERATIONS = {
    "resized-crop": pixels(lambda image, p: views.resized_crop(image, box(p), *size(p))),
    "brightness": pixels(lambda image, p: views.JITTER[0](image, p["factor"])),
    "contrast": pixels(lambda image, p: views.JITTER[1](image, p["factor"])),
    "saturation": pixels(lambda image, p: views.JITTER[2](image, p["factor"])),
    "hue": pixels(lambda image, p: views.hue(image, p["shift"])),
    "greyscale": pixels(lambda image, _: views.greyscale(image)),
    "flip": pixels(lambda image, _: views.flip(image)),
    "rgb-to-hsv": lambda p, x: {"y": views.to_hsv(x["image"])},
    "hsv-to-rgb": lambda p, x: {"y": views.from_hsv(x["image"])},
    "colour-view": colour_view,
    "image-normalisation": normalisation,
    "crop-parameters": crop_parameters,
    "jitter-parameters": jitter_parameters,
    "rand-operation": pixels(lambda image, p: rand.apply(image, p["kind"], p.get("value"))),
    "rand-view": rand_view,
    "rand-parameters": rand_parameters,
}


def main(prompts, responses):
    cases = prompts / "cases" if (prompts / "cases").is_dir() else prompts
    answered = set()
    responses.mkdir(parents=True, exist_ok=True)
    for path in sorted(cases.glob("*/*/case.json")):
        case = json.loads(path.read_text())
        if case["operation"] not in OPERATIONS:
            continue
        inputs = path.with_name("inputs.safetensors")
        answer = OPERATIONS[case["operation"]](case.get("parameters", {}), load_file(inputs) if inputs.exists() else {})
        area, slug = path.parts[-3:-1]
        (responses / area).mkdir(parents=True, exist_ok=True)
        save_file({name: numpy.ascontiguousarray(value) for name, value in answer.items()}, responses / area / f"{slug}.safetensors")
        answered.add(f"{area}/{slug}")
    path = prompts / "manifest.json"
    manifest = json.loads(path.read_text()) if path.exists() else {}
    capability = dict(
        backend="Pillow", version=f"{PIL.__version__}, NumPy {numpy.__version__}, Python {sys.version.split()[0]}", scalar="float64",
        corpus=manifest.get("corpus", manifest.get("hash", "")), claims=sorted(answered))
    (responses / "capability.json").write_text(json.dumps(capability, indent=2) + "\n")
    print(f"{len(answered)} cases answered")


parser = argparse.ArgumentParser(description="The witness of image bytes.")
parser.add_argument("prompts", type=Path)
parser.add_argument("--out", type=Path, required=True)
options = parser.parse_args()
main(options.prompts, options.out)
