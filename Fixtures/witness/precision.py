"""How near Float comes to the truth: every loss and every softmax over logits of all sizes, in units of its bound.

    python3 precision.py TSUC --out FOLDER [--seeds N] [--table FILE] [--picture FILE.svg]

TSUC is the program; `TSUC oracle` must work. Prompts of all operations below are drawn with logits of 1e-3 to 1e4
(or temperatures of 0.005 to 10 where an operation has one) and 2 to 1,024 rows, answered by the package in Float and in
Double, and judged. Float is held against the package's Double answers, and those of the first seed, within the bounds of
float64, against precision_exact.py, 60 digits and more (of 1,024 rows: for some sizes). That the witness's gradients are
the losses' is seen on the prompts of at most 16 rows, which corpus_mpmath.py answers by differences. FOLDER is new and
keeps prompts and answers. Needs the packages of requirements.txt, and gmpy2. Run by hand; nothing in the package depends
on it.
"""
import argparse
import json
import pathlib
import subprocess
import sys

import numpy
from safetensors.numpy import save_file

ROWS = (2, 16, 128, 1024)
SIZES = (1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, 1e3, 1e4)
TEMPERATURES = (0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 10.0)
# From how many rows on one seed does, and 60 digits for these sizes: a minute or so each.
MANY, FEW_SIZES = 1024, (1e-3, 1.0, 1e4, 1 / 0.005, 1 / 0.1, 1 / 10.0)
HERE = pathlib.Path(__file__).parent


def single(x):
    """Numbers that Float holds, stored as float64."""
    return numpy.ascontiguousarray(x, dtype=numpy.float32).astype(numpy.float64)


def unit(x):
    """Rows of unit length."""
    return x / numpy.linalg.norm(x, axis=-1, keepdims=True)


def views(random, rows, features):
    """Two views of rows / 2 images: unit rows, the second near the first."""
    first = unit(random.standard_normal((rows // 2, features)))
    second = unit(first + 0.3 * random.standard_normal(first.shape))
    return single(numpy.concatenate([first, second]))


def softmax(x):
    e = numpy.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def by_size(random, rows):
    """The operations that are asked with logits: (operation, size, parameters, inputs)."""
    for size in SIZES:
        columns = int(random.choice([3, 8, 30]))
        # A common offset as large as the spread: what is subtracted must not cost digits.
        logits = single(size * (random.standard_normal((rows, columns)) + random.standard_normal((rows, 1))))
        images = random.integers(0, columns, rows)
        neighbours = numpy.stack([(numpy.arange(columns) + 1) % columns], axis=1)
        yield "unification-entropy", size, {}, {"logits": logits, "images": images}
        yield "unification-entropy", size, {"ownLogit": -10.0}, {"logits": logits, "images": images}
        yield "instance-neighbourhood", size, {}, {"logits": logits, "images": images, "neighbours": neighbours}
        for name in ("softmax", "log-softmax", "log-sum-exp", "entropy"):
            shape = (rows,) if name in ("log-sum-exp", "entropy") else logits.shape
            yield name + "-of-rows", size, {}, {"x": logits, "y.cotangent": single(random.standard_normal(shape))}
        # No smaller than 2e-7: the witness's differences would reach below 0.
        first, second = (0.999999 * softmax(size * random.standard_normal((rows, 5))) + 2e-7 for _ in range(2))
        first, second = (single(p / single(p).sum(axis=1, keepdims=True)) for p in (first, (first + second) / 2))
        yield "mutual-information", size, {}, {"first": first, "second": second}


def by_temperature(random, rows):
    """The operations that are asked with unit rows and a temperature: size is 1 / temperature."""
    for temperature in TEMPERATURES:
        rows_ = max(rows, 4)
        features, size = 6, 1 / temperature
        embeddings, bank = views(random, rows_, features), single(unit(random.standard_normal((12, features))))
        images = random.permutation(12)[:rows_ // 2] if rows_ <= 24 else random.integers(0, 12, rows_ // 2)
        yield "batch-loss", size, {"temperature": temperature}, {"rows": embeddings}
        yield "relation-loss", size, {"temperature": temperature}, {"embeddings": embeddings, "bank": bank}
        yield "stage-one-loss", size, {"bankTemperature": temperature, "entropyWeight": 1.0}, {
            "embeddings": embeddings, "bank": bank, "images": images}
        heads = single(random.standard_normal((2, features, 4)))
        yield "cluster-heads", size, {"headTemperature": temperature}, {
            "embeddings": embeddings, "heads": heads,
            "probabilities.cotangent": single(random.standard_normal((2, rows_, 4)))}
        yield "stage-two-loss", size, {"headTemperature": temperature, "temperature": temperature}, {
            "embeddings": embeddings, "heads": heads}
        yield "bank-entropies", size, {"bankTemperature": temperature}, {
            "bank": single(unit(random.standard_normal((rows_, features))))}


def draw(folder, seeds, all_rows):
    """Writes prompts; returns what each is about, by identifier."""
    about = {}
    for seed in range(seeds):
        for rows in all_rows if seed == 0 else [rows for rows in all_rows if rows < MANY]:
            random = numpy.random.default_rng([seed, rows])
            for asked in (by_size, by_temperature):
                for operation, size, parameters, inputs in asked(random, rows):
                    identifier = f"precision/p{len(about):05}"
                    place = folder / "cases" / identifier
                    place.mkdir(parents=True)
                    case = {"id": identifier, "operation": operation, "parameters": parameters}
                    (place / "case.json").write_text(json.dumps(case))
                    save_file({k: v if v.dtype == numpy.int64 else numpy.ascontiguousarray(v)
                               for k, v in inputs.items()}, place / "inputs.safetensors")
                    about[identifier] = (operation, size, rows, seed)
    return about


def judged(tsuc, prompts, answers, profile):
    """The largest error over its bound of every answer, by identifier."""
    report = answers.with_suffix(".json")
    subprocess.run([*tsuc, "judge", prompts, answers, "--profile", profile, "--json", report],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    found = {}
    for case in json.loads(report.read_text())["cases"]:
        ratios = [tensor["ratio"] for tensor in case["tensors"] if tensor["verdict"] not in ("missing",)]
        numbers = [float("inf") if r is None or isinstance(r, str) else r for r in ratios]
        if numbers and case["verdict"] != "undecided":
            found[case["id"]] = max(numbers)
    return found


def magnitude(size):
    """The power of ten a size belongs to."""
    return int(numpy.floor(numpy.log10(size) + 1e-9))


def table(float_ratios, double_ratios, about):
    """Operation by operation: the worst Float answer for each power of ten, and the worst Double answer."""
    powers = list(range(-3, 5))
    lines = ["| operation | prompts | " + " | ".join(f"1e{p}" for p in powers) + " | all | Double against 60 digits |",
             "|---|---|" + "---|" * (len(powers) + 2)]
    for operation in sorted({a[0] for a in about.values()}):
        mine = {i: r for i, r in float_ratios.items() if about[i][0] == operation}
        cells = []
        for p in powers:
            ratios = [r for i, r in mine.items() if magnitude(about[i][1]) == p]
            cells.append(f"{max(ratios):.2f}" if ratios else "")
        exact = [r for i, r in double_ratios.items() if about[i][0] == operation]
        cells += [f"{max(mine.values()):.2f}", f"{max(exact):.2f} ({len(exact)} prompts)" if exact else ""]
        lines.append(f"| {operation} | {len(mine)} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def picture(float_ratios, about):
    """Each operation's worst Float answer over the size of its logits, as SVG."""
    operations = sorted({a[0] for a in about.values()})
    width, row, left, right = 760, 22, 190, 20
    height = 60 + row * len(operations)
    x = lambda size: left + (numpy.log10(size) + 3) / 7 * (width - left - right)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
             f'font-size="12"><rect width="{width}" height="{height}" fill="white"/>',
             '<text x="10" y="18">Float answers: worst error over its bound (full bar: 1), by size of the logits '
             'or by 1 / temperature</text>']
    for n, operation in enumerate(operations):
        y = 50 + row * n
        parts.append(f'<text x="10" y="{y}">{operation}</text>'
                     f'<line x1="{left}" x2="{width - right}" y1="{y}" y2="{y}" stroke="#ddd"/>')
        worst = {}
        for i, ratio in float_ratios.items():
            if about[i][0] == operation:
                worst[about[i][1]] = max(worst.get(about[i][1], 0), ratio)
        for size, ratio in sorted(worst.items()):
            high = min(ratio, 1) * (row - 4)
            colour = "#c33" if ratio > 1 else "#47a"
            parts.append(f'<rect x="{x(size) - 5:.1f}" y="{y - high:.1f}" width="10" height="{max(high, 0.5):.1f}" '
                         f'fill="{colour}"><title>{operation}, {size:g}: {ratio:.3f}</title></rect>')
    for p in range(-3, 5):
        parts.append(f'<text x="{x(10.0 ** p):.1f}" y="32" text-anchor="middle" fill="#777">1e{p}</text>')
    return "\n".join(parts) + "\n</svg>\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tsuc")
    parser.add_argument("--out", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--table")
    parser.add_argument("--picture")
    arguments = parser.parse_args()
    tsuc, out = [arguments.tsuc, "oracle"], pathlib.Path(arguments.out)
    out.mkdir()
    about = draw(out / "prompts", arguments.seeds, ROWS)
    draw(out / "few", 1, ROWS[:2])
    exact = [i for i, (_, size, rows, seed) in about.items() if seed == 0 and (rows < MANY or size in FEW_SIZES)]
    (out / "exact.txt").write_text("\n".join(exact))
    witness = subprocess.Popen([sys.executable, HERE / "precision_exact.py", out / "prompts", "--out", out / "exact",
                                "--only", out / "exact.txt"])
    subprocess.run([*tsuc, "answer", out / "prompts", "--out", out / "float", "--scalar", "float"], check=True)
    float_ratios = judged(tsuc, out / "prompts", out / "float", "float32")
    subprocess.run([sys.executable, HERE / "corpus_mpmath.py", out / "few", "--out", out / "differences"], check=True,
                   stdout=subprocess.DEVNULL)
    # The judge holds a witness's answers against its own Double ones: their distance is the error of Double.
    by_differences = judged(tsuc, out / "few", out / "differences", "float64")
    if witness.wait():
        raise SystemExit("the witness in closed form failed")
    double_ratios = judged(tsuc, out / "prompts", out / "exact", "float64")
    text = table(float_ratios, double_ratios, about)
    print(text)
    print(f"{sum(r > 1 for r in float_ratios.values())} of {len(float_ratios)} Float answers outside their bounds, "
          f"{sum(r > 1 for r in double_ratios.values())} of {len(double_ratios)} Double answers; by differences "
          f"{sum(r > 1 for r in by_differences.values())} of {len(by_differences)}, "
          f"the worst {max(by_differences.values()):.2f}")
    if arguments.table:
        pathlib.Path(arguments.table).write_text(text)
    if arguments.picture:
        pathlib.Path(arguments.picture).write_text(picture(float_ratios, about))


if __name__ == "__main__":
    main()
