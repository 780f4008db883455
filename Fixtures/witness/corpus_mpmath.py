"""The high-precision witness as a program: answers the prompts of a folder in 60 digits and more, rounded to float64.

    python3 corpus_mpmath.py PROMPTS --out RESPONSES [--only PATTERN ...] [--workers N]
    python3 corpus_mpmath.py --self-check

Answers every operation of the areas op, loss, memory, neighbour, head, optimiser, schedule and evaluate, grey views, those
of rng but crops, jitters and RandAugment, and the cases of edge that ask them. See corpus/__init__.py for how its numbers come about. The
same prompts give the same bytes. Needs the packages of requirements.txt.
"""
import argparse
import collections
import fnmatch
import multiprocessing
import pathlib
import platform
import sys
import time

import mpmath
import scipy
import sklearn

from corpus import (batch_loss, batch_norm, clustering, contraction, evaluate, files, grey_views, head, initial, loss,
                    memory, optimiser, rng, rows, stages, votes)
from corpus.arithmetic import self_check

MODULES = (batch_loss, batch_norm, clustering, contraction, evaluate, grey_views, head, initial, loss, memory, optimiser, rng,
           rows, stages, votes)
OPERATIONS = {name: answer for module in MODULES for name, answer in module.OPERATIONS.items()}


def answer(task):
    """One case's outputs; None where the operation is another witness's."""
    folder, identifier = task
    operation, start = files.operation_of(folder, identifier), time.monotonic()
    if operation not in OPERATIONS:
        return identifier, operation, None, 0
    try:
        outputs = OPERATIONS[operation](files.read_prompt(folder, identifier))
        return identifier, operation, outputs, time.monotonic() - start
    except Exception as error:
        raise RuntimeError(f"{identifier} ({operation}): {error!r}") from error


def version():
    """What the answers depend on."""
    return (f"{mpmath.__version__}, Python {platform.python_version()}, SciPy {scipy.__version__}, "
            f"scikit-learn {sklearn.__version__}")


def run(prompts, out, patterns, workers):
    """Answers all prompts that match, and says what was left to others."""
    if pathlib.Path(out).exists():
        raise SystemExit(f"{out} exists already and is not overwritten")
    chosen = [i for i in files.identifiers(prompts) if any(fnmatch.fnmatch(i, pattern) for pattern in patterns)]
    claims, others, times = [], collections.Counter(), []
    with multiprocessing.Pool(workers) as pool:
        for identifier, operation, outputs, seconds in pool.imap(answer, [(prompts, i) for i in chosen]):
            if outputs is None:
                others[operation] += 1
                continue
            files.write_answer(out, identifier, outputs)
            claims.append(identifier)
            times.append((seconds, identifier))
    files.write_capability(out, version(), files.corpus_hash(prompts), claims)
    print(f"{len(claims)} of {len(chosen)} cases answered; the slowest:",
          ", ".join(f"{identifier} {seconds:.1f} s" for seconds, identifier in sorted(times)[:-4:-1]))
    if others:
        print("left to other witnesses:", ", ".join(f"{name} {count}" for name, count in sorted(others.items())))


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prompts", nargs="?", help="a folder of prompts")
    parser.add_argument("--out", help="the folder of answers to write")
    parser.add_argument("--only", nargs="+", default=["*"], metavar="PATTERN", help="identifiers, such as 'loss/*'")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--self-check", action="store_true", help="compare values computed by hand, and stop")
    arguments = parser.parse_args()
    if arguments.self_check:
        for module in MODULES:
            print(module.__name__, end=": ", flush=True)
            self_check(module.checks())
    elif arguments.prompts and arguments.out:
        run(arguments.prompts, arguments.out, arguments.only, arguments.workers)
    else:
        parser.print_usage(sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
