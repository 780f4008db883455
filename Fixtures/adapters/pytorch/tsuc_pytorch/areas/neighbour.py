"""Which images are sure of their neighbours, and which neighbours these are."""
import math

from .. import losses
from ..registry import operation


@operation("bank-entropies")
def bank_entropies(prompt):
    return {"entropies": losses.entropies(prompt.real("bank"), prompt.parameter("bankTemperature", 0.1))}


@operation("neighbourhood-discovery")
def neighbourhood_discovery(prompt):
    bank = prompt.real("bank")
    count = min(len(bank), math.floor(len(bank) * prompt.parameter("rate", 0.25) * prompt.parameter("round") + 1e-9))
    entropies = losses.entropies(bank, prompt.parameter("bankTemperature", 0.1))
    anchors = entropies.sort(stable=True).indices[:count]
    return {"anchors": anchors, "neighbours": losses.nearest(bank, anchors, prompt.parameter("k", 1))}


@operation("nearest-rows")
def nearest_rows(prompt):
    return {"neighbours": losses.nearest(prompt.real("rows"), prompt.whole("queries"), prompt.parameter("k", 1))}
