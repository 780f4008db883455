"""One module for each area of the corpus; importing them registers their operations. The area edge reuses all of them."""
from . import (  # noqa: F401
    augment, block, clustering, encoder, evaluate, grey, head, initial, loss, memory, neighbour, op, optimiser, rand, rng,
    schedule, step, trajectory, vote)
