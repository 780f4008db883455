"""Which images are sure of their neighbours, and which neighbours these are."""
import torch
from tsuc_port.areas.schedule import anchors

from .. import losses
from ..registry import operation
from ..tape import Tape


@operation("bank-entropies")
def bank_entropies(prompt):
    tape = Tape()
    losses.entropies(prompt.tensor("bank"), prompt.parameter("bankTemperature", 0.1), tape=tape)
    return tape.outputs()


@operation("neighbourhood-discovery")
def neighbourhood_discovery(prompt):
    tape, bank = Tape(), prompt.tensor("bank")
    count = anchors(len(bank), prompt.parameter("rate", 0.25), prompt.parameter("round"))
    entropies = losses.entropies(bank, prompt.parameter("bankTemperature", 0.1), tape=tape)
    sure = entropies.sort(stable=True).indices[:count]
    return {"anchors": sure, "neighbours": losses.nearest(bank, sure, prompt.parameter("k", 1))} | tape.outputs()


@operation("nearest-rows")
def nearest_rows(prompt):
    tape, rows, queries = Tape(), prompt.tensor("rows"), prompt.indices("queries")
    return {"neighbours": losses.nearest(rows, queries, prompt.parameter("k", 1), tape)} | tape.outputs()


@operation("neighbour-similarities")
def neighbour_similarities(prompt):
    rows, queries = prompt.tensor("rows"), prompt.indices("queries")
    neighbours = losses.nearest(rows, queries, prompt.parameter("k", 1))
    return {"neighbours": neighbours, "similarities": torch.einsum("af,akf->ak", rows[queries], rows[neighbours])}
