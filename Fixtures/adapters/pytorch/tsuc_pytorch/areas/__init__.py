"""One module for each area of the corpus; importing them registers their operations. The area edge reuses all of them."""
from . import (  # noqa: F401
    augment, block, encoder, evaluate, head, loss, memory, neighbour, op, optimiser, rng, schedule, step, trajectory)
