"""What all peers share: prompts are written, asked in both arithmetics, the peer's answers judged, and everything counted.

A question is one prompt together with the peer's own answer to it. Three distances are taken, each in derived bounds:
the peer's answer from the program's Double one, in the profile of the peer's arithmetic; the same in the profile float32; and
the program's Float answer from its Double one. The Float answer agrees with the peer's where the last two sum to 1 at most,
so that by the triangle inequality the two are within one bound of each other. Bytes and whole numbers must be equal.
"""
import collections
import json
import pathlib
import subprocess
import sys

import numpy
from safetensors.numpy import load_file, save_file

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))  # for the witnesses beside this folder


class Question:
    """An operation, its parameters and inputs, and what the peer answers; outputs that the peer does not give are not compared."""

    def __init__(self, operation, parameters, inputs, theirs, source="", profile="float64"):
        self.operation, self.parameters, self.source, self.profile = operation, parameters, source, profile
        self.inputs = {name: stored(value) for name, value in inputs.items()}
        self.theirs = {name: stored(value) for name, value in theirs.items()}

    def holds_in_float(self):
        """Whether Float has all the inputs, so that a Float answer can be compared at all."""
        return all(x.dtype.kind != "f" or numpy.array_equal(x, x.astype(numpy.float32)) for x in self.inputs.values())


def stored(x):
    """An array as files hold it: bytes, int64, or floating point as it is."""
    x = numpy.asarray(x)
    if x.dtype.kind in "iub" and x.dtype != numpy.uint8:
        x = x.astype(numpy.int64)
    return numpy.ascontiguousarray(x).reshape(x.shape)


def single(x):
    """Numbers that float32 holds, as float64: what both arithmetics are asked with."""
    return numpy.asarray(x, numpy.float32).astype(numpy.float64)


class Draw:
    """Random numbers of one prompt, by the operation's name and the prompt's number."""

    def __init__(self, operation, number):
        self.random = numpy.random.default_rng([sum(operation.encode()), number])

    def size(self, least, most):
        return int(self.random.integers(least, most + 1))

    def one(self, *choices):
        return choices[self.random.integers(len(choices))]


class Verdict:
    """What became of one question."""

    def __init__(self):
        self.problem = ""          # why the program refused the prompt
        self.double = self.float = None  # whether its answers agree; None: not comparable
        self.theirs = "ok"         # ok, undecided or fail
        self.ratio = 0.0           # of the peer's answer: the worst error over its bound
        self.difference = 0.0      # of the peer's answer from the Double one, over the largest number of the tensor
        self.detail = ""


class Program:
    """The program that is asked."""

    def __init__(self, path, folder):
        self.path, self.folder, self.calls = [str(path)], pathlib.Path(folder), 0

    def _run(self, *arguments):
        return subprocess.run([*self.path, *map(str, arguments)], capture_output=True, text=True, check=False)

    def ask(self, peer, questions):
        """The verdict on every question."""
        self.calls += 1
        root = self.folder / f"{peer}-{self.calls:05}"
        ids = [f"{peer}/q{n:05}" for n in range(len(questions))]
        for identifier, question in zip(ids, questions):
            place = root / "prompts" / "cases" / identifier
            place.mkdir(parents=True)
            case = {"id": identifier, "operation": question.operation, "parameters": question.parameters}
            (place / "case.json").write_text(json.dumps(case))
            save_file(question.inputs, place / "inputs.safetensors")
        errors = {}
        for scalar in ("double", "float"):
            done = self._run("answer", root / "prompts", "--out", root / scalar, "--scalar", scalar, "--keep-going")
            if done.returncode not in (0, 1):
                errors[scalar] = done.stderr.strip() or f"exit code {done.returncode}"
            errors.update((i, line) for line in (done.stderr + done.stdout).splitlines() for i in ids if i + ":" in line)
        for profile in ("float64", "float32"):
            self._write(root / f"theirs-{profile}", profile, ids, questions)
        judged = {name: self._judge(root, name, profile) for name, profile in
                  (("theirs-float64", "float64"), ("theirs-float32", "float32"), ("float", "float32"))}
        return [self._verdict(root, i, q, judged, errors) for i, q in zip(ids, questions)]

    @staticmethod
    def _write(folder, scalar, ids, questions):
        for identifier, question in zip(ids, questions):
            path = folder / f"{identifier}.safetensors"
            path.parent.mkdir(parents=True, exist_ok=True)
            save_file(question.theirs, path)
        capability = {"backend": "peer", "version": "1", "scalar": scalar, "claims": ids}
        (folder / "capability.json").write_text(json.dumps(capability))

    def _judge(self, root, name, profile):
        report = root / f"{name}.json"
        done = self._run("judge", root / "prompts", root / name, "--profile", profile, "--json", report)
        if not report.exists():
            raise SystemExit(f"{name} was not judged: {done.stderr}")
        return {case["id"]: case for case in json.loads(report.read_text())["cases"]}

    @staticmethod
    def _verdict(root, identifier, question, judged, errors):
        verdict = Verdict()
        files = {scalar: root / scalar / f"{identifier}.safetensors" for scalar in ("double", "float")}
        if not all(path.exists() for path in files.values()):
            verdict.problem = errors.get(identifier) or "; ".join(errors.values()) or "no answer"
            return verdict
        answers = {scalar: load_file(path) for scalar, path in files.items()}

        def of(name):
            case = judged[name].get(identifier, {"verdict": "missing", "tensors": []})
            tensors = {t["name"]: t for t in case["tensors"]}
            return {n: tensors.get(n, {"verdict": case["verdict"], "ratio": "inf"}) for n in question.theirs}

        theirs, wide, narrow = of(f"theirs-{question.profile}"), of("theirs-float32"), of("float")
        asks_float = question.holds_in_float() and all(tensor["verdict"] != "undecided" for tensor in narrow.values())
        verdict.double, verdict.float = True, True if asks_float else None
        for name, value in question.theirs.items():
            own, tensor = answers["double"].get(name), theirs[name]
            kind = tensor["verdict"]
            if kind != "ok":
                worse = "undecided" if kind == "undecided" and verdict.theirs != "fail" else "fail"
                verdict.theirs = worse
                verdict.detail += f"{name}: {kind} {told(tensor)}; "
            if value.dtype.kind == "f":
                ratio = number(tensor["ratio"])
                if kind != "undecided":
                    verdict.ratio = max(verdict.ratio, ratio)
                if own is not None and own.shape == value.shape and own.size:
                    verdict.difference = max(verdict.difference, distance(value, own))
                verdict.double &= kind == "ok"
                agrees = number(wide[name]["ratio"]) + number(narrow[name]["ratio"]) <= 1
            else:
                verdict.double &= own is not None and numpy.array_equal(own, value)
                agrees = numpy.array_equal(answers["float"].get(name), value)
            if verdict.float is not None and not agrees:
                verdict.float = False
                verdict.detail += (f"{name}: Float {narrow[name]['verdict']} {told(narrow[name])}, "
                                   f"theirs in float32 {told(wide[name])}; ")
        return verdict


def told(tensor):
    """The worst element of a tensor as a report has it."""
    names = ("index", "value", "expected", "ratio", "note")
    return json.dumps({name: tensor[name] for name in names if tensor.get(name) not in (None, "")})


def number(x):
    """A number of a report; inf and nan are text there."""
    return float(x) if x is not None else 0.0


def distance(x, y):
    """The largest difference over the largest number."""
    largest = float(numpy.max(numpy.abs(y)))
    return float(numpy.max(numpy.abs(numpy.asarray(x, numpy.float64) - y))) / (largest or 1.0)


def sixty_digits(question):
    """The same question with the answers of the high-precision witness; None where the operation is not among its own."""
    import corpus_mpmath
    from corpus.files import Prompt
    if question.operation not in corpus_mpmath.OPERATIONS:
        return None
    answers = corpus_mpmath.OPERATIONS[question.operation](Prompt(question.operation, question.parameters, question.inputs))
    return Question(question.operation, question.parameters, question.inputs, answers, "60 digits")


class Disagreement:
    """A question whose answers are not in agreement, and what 60 digits say of it."""

    def __init__(self, text, question, verdict):
        self.text, self.question, self.verdict = text, question, verdict
        self.judgement, self.is_settled = "left open", False

    def settle(self, program):
        """Holds the program's answers against the witness's."""
        if self.question.source == "60 digits":
            self.judgement = "these are the 60 digits themselves"
            return
        exact = None if self.verdict.problem else sixty_digits(self.question)
        if exact is None:
            return
        [verdict] = program.ask("settled", [exact])
        self.is_settled = verdict.theirs == "ok" and verdict.double and verdict.float is not False
        self.judgement = (f"60 digits agree with the program (Double {verdict.ratio:.2g} bounds away)" if self.is_settled else
                          f"60 digits refuse the program: {verdict.detail}, Double {verdict.double}, Float {verdict.float}")


class Table:
    """The rows of the report, in the order in which their operations came."""

    HEAD = ("| peer | operation | prompts | our Double agrees | our Float agrees | theirs: ok | undecided | failed "
            "| worst error / bound | largest difference |\n|---|---|---|---|---|---|---|---|---|---|")

    def __init__(self):
        self.rows, self.notes, self.open = {}, [], []

    def add(self, peer, questions, verdicts):
        """Counts verdicts under the peer's name and each question's operation."""
        for question, verdict in zip(questions, verdicts):
            row = self.rows.setdefault((peer, question.operation), collections.defaultdict(float))
            row["prompts"] += 1
            what = f"{peer}, {question.operation} {json.dumps(question.parameters)} {question.source}"
            if verdict.problem:
                row["refused"] += 1
                self.open.append(Disagreement(f"{what}: refused, {verdict.problem}", question, verdict))
                continue
            row["double"] += bool(verdict.double)
            row["float"] += bool(verdict.float)
            row["float asked"] += verdict.float is not None
            row[verdict.theirs] += 1
            row["ratio"] = max(row["ratio"], verdict.ratio)
            row["difference"] = max(row["difference"], verdict.difference)
            row["real"] += any(x.dtype.kind == "f" for x in question.theirs.values())
            if verdict.theirs != "ok" or not verdict.double or verdict.float is False:
                text = (f"{what}: Double {verdict.double}, Float {verdict.float}, theirs {verdict.theirs}, "
                        f"{verdict.ratio:.3g} bounds; {verdict.detail}")
                if sum(x.size for x in question.inputs.values()) <= 20:
                    text += " ".join(f"{name} {value.tolist()}" for name, value in question.inputs.items())
                self.open.append(Disagreement(text, question, verdict))

    def settle(self, program):
        """Asks the high-precision witness about everything that is not in agreement."""
        for disagreement in self.open:
            disagreement.settle(program)

    def markdown(self):
        """The table, a row for each peer and operation, and one for the whole."""
        lines, sums = [self.HEAD], collections.defaultdict(float)
        for (peer, operation), row in self.rows.items():
            lines.append(f"| {peer} | {operation} " + self._cells(row))
            for key, value in row.items():
                sums[key] = max(sums[key], value) if key in ("ratio", "difference") else sums[key] + value
        lines.append("| all | " + self._cells(sums))
        return "\n".join(lines)

    @staticmethod
    def _cells(row):
        count = lambda key: f"{int(row[key])}"
        whole = f"{count('float')}" + (f" of {count('float asked')}" if row["float asked"] != row["prompts"] else "")
        refused = f" ({count('refused')} refused)" if row["refused"] else ""
        numbers = (f"{row['ratio']:.2g}", f"{row['difference']:.1e}") if row["real"] else ("exact", "exact")
        return (f"| {count('prompts')}{refused} | {count('double')} | {whole} | {count('ok')} | {count('undecided')} "
                f"| {count('fail')} | {numbers[0]} | {numbers[1]} |")
