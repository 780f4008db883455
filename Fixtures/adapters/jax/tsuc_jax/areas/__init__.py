"""The operations, by subject; importing a module registers its operations. The area edge reuses all of them."""
from . import bank, grey, loss, network, op, step  # noqa: F401
