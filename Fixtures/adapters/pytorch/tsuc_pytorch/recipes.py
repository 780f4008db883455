"""The constants of two presets of `tsuc train`, as `tsuc train --preset NAME --dry-run` prints them with their sources."""
from typing import NamedTuple

from tsuc_port.settings import Layout


class Recipe(NamedTuple):
    """Both stages; what is not here (momentum, weight decay, other temperatures) is the same in both presets."""

    encoder: Layout
    schedule: str  # of the rate; that of w has the same name (tsuc_port.areas.schedule)
    rounds: int
    epochs: int  # of a round
    batch: int
    rate: float
    neighbours: int
    stage_two_epochs: int
    stage_two_batch: int
    stage_two_rate: float
    head_temperature: float
    marginal_weight: float
    consistency_weight: float
    is_consensus: bool  # whether all heads vote, or that of the lowest loss decides


DIGITS = Recipe(
    Layout(1, ("plain",), (16, 32, 64), (1, 1, 1), (1, 2, 2), 1, 64), schedule="fractions",
    rounds=5, epochs=6, batch=128, rate=0.03, neighbours=10,
    stage_two_epochs=60, stage_two_batch=256, stage_two_rate=0.2, head_temperature=0.05, marginal_weight=2,
    consistency_weight=0.5, is_consensus=True)

PAPER_CIFAR10 = Recipe(
    Layout(3, ("plain", "sobel"), (64, 128, 256, 512), (2, 2, 2, 2), (1, 2, 2, 2), 1, 128), schedule="paper",
    rounds=5, epochs=200, batch=128, rate=0.03, neighbours=1,
    stage_two_epochs=300, stage_two_batch=128, stage_two_rate=0.01, head_temperature=0.1, marginal_weight=1,
    consistency_weight=1, is_consensus=False)
