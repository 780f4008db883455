"""A PyTorch backend for the corpus: what torch computes, on top of ../python, which has the rest."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))
