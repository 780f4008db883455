"""Modules of one area or one subject of the corpus; importing them registers their operations. The area edge reuses all."""
from . import (  # noqa: F401
    block, encoder, grey, head, initial, loss, memory, neighbour, op, optimiser, step, trajectory)
