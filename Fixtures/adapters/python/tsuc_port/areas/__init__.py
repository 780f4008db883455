"""One module for each subject; importing a module registers its functions."""
from importlib.util import find_spec

from . import clustering, evaluate, initial, rng, schedule, views  # noqa: F401

if find_spec("PIL"):
    from . import pictures  # noqa: F401
