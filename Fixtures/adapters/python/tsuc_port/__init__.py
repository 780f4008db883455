"""What every port in Python needs and no framework computes: prompts, answers, random numbers, views, evaluation.

    from tsuc_port import Backend, FRAMEWORK_FREE, Prompt, Registry

NumPy is enough; the bytes of augmented pictures also need Pillow.
"""
from . import areas  # noqa: F401  registers the operations
from .backend import Backend
from .philox import Stream, philox
from .prompts import Prompt, PromptError, corpus_hash, read_prompts
from .registry import FRAMEWORK_FREE, Registry

__all__ = [
    "FRAMEWORK_FREE", "Backend", "Prompt", "PromptError", "Registry", "Stream", "corpus_hash", "philox", "read_prompts"]
