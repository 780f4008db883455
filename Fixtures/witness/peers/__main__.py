"""Other people's test suites and layers, asked of the oracle and judged by it: one command, one table.

    python3 Fixtures/witness/peers --program PATH/tsuc-oracle [--only onnx torch ...] [--out FILE.md] [--keep FOLDER]

Each peer makes prompts with fixed seeds. They go through `tsuc-oracle answer` in Double and in Float; the peer's answers go through
`tsuc-oracle judge`. Where the two disagree, 60 digits decide (corpus_mpmath.py): exit code 1 if one of the program's answers is
refused by them, or a disagreement is left open. Needs the packages of requirements.txt.
"""
import argparse
import importlib
import pathlib
import sys
import tempfile
import time

from asking import Program, Table

# The module of each peer; each has run(program, table).
PEERS = {"onnx": "onnx_nodes", "torch": "torch_layers", "pictures": "pictures", "random123": "random123", "scikit": "scikit",
         "properties": "properties"}


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=pathlib.Path, help="tsuc-oracle")
    parser.add_argument("--only", nargs="+", choices=PEERS, default=list(PEERS), help="some of the peers")
    parser.add_argument("--out", type=pathlib.Path, help="also write the table to a file")
    parser.add_argument("--keep", type=pathlib.Path, help="a new folder that keeps prompts, answers and reports")
    options = parser.parse_args()
    table = Table()
    with tempfile.TemporaryDirectory() as temporary:
        if options.keep:
            options.keep.mkdir(parents=True)
        program = Program(options.program.resolve(), options.keep or temporary)
        for name in options.only:
            start = time.monotonic()
            importlib.import_module(PEERS[name]).run(program, table)
            print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr)
        table.settle(program)
    text = table.markdown() + "\n\n" + "\n".join(f"- {note}" for note in table.notes)
    if table.open:
        text += "\n\nNot in agreement, or undecided:\n\n" + "\n".join(f"- {d.text}: {d.judgement}" for d in table.open)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    return 0 if all(d.is_settled for d in table.open) else 1


sys.exit(main())
