"""Learning rates, entropy weights and numbers of anchors over epochs and rounds."""
import math

import numpy as np

from ..registry import operation

# How often the rate has been multiplied by 0.1.
DROPS = {
    "constant": lambda epoch, length: 0,
    # The first drop is at epoch 120: at 80 the power is still 0.
    "paper": lambda epoch, length: max(0, epoch - 80) // 40,
    "paperFromEpoch80": lambda epoch, length: 0 if epoch < 80 else (epoch - 80) // 40 + 1,
    "fractions": lambda epoch, length: 0 if 10 * epoch < 6 * length else 1 if 10 * epoch < 8 * length else 2,
}

RISES = {
    "paper": lambda round, epoch, length: epoch // 80,
    "allEpochs": lambda round, epoch, length: (round * length + epoch) // 80,
    "fractions": lambda round, epoch, length: 10 * epoch // (4 * length),
}


def factor(schedule, epoch, length):
    if schedule == "isif":
        return 1 if epoch < 120 else 0.1 if epoch < 160 else 0.05 if epoch < 200 else 0.01
    return 0.1 ** DROPS[schedule](epoch, length)


@operation("learning-rate")
def learning_rate(prompt):
    schedule = prompt.choice("schedule", (*DROPS, "isif"), "paper")
    base, length = prompt.parameter("base"), prompt.parameter("length", 200)
    factors = [factor(schedule, epoch, length) for epoch in prompt.parameter("epochs")]
    return {"rates": prompt.reals([base * factor for factor in factors]), "factors": prompt.reals(factors)}


@operation("entropy-weight")
def entropy_weight(prompt):
    rises = RISES[prompt.choice("schedule", tuple(RISES), "paper")]
    length, round = prompt.parameter("length", 200), prompt.parameter("round", 0)
    rise = np.array([rises(round, epoch, length) for epoch in prompt.parameter("epochs")])
    return {"weights": prompt.reals(prompt.parameter("step") * rise), "factors": prompt.reals(rise)}


@operation("run-schedule")
def run_schedule(prompt):
    """Every epoch of a run: rates and weights restart, the epoch of the random streams goes on counting."""
    length, two = prompt.parameter("epochsPerRound"), prompt.parameter("stageTwoEpochs")
    places = [(1, round, epoch) for round in range(prompt.parameter("rounds")) for epoch in range(length)]
    places += [(2, 0, epoch) for epoch in range(two)]
    bases = {1: prompt.parameter("stageOneRate", 0.03), 2: prompt.parameter("stageTwoRate", 0.01)}
    schedules = {stage: prompt.choice(name, (*DROPS, "isif"), "paper")
                 for stage, name in ((1, "stageOneSchedule"), (2, "stageTwoSchedule"))}
    rises = RISES[prompt.choice("entropyWeightSchedule", tuple(RISES), "paper")]
    step = prompt.parameter("entropyWeightStep", 0.2)
    stages, rounds, epochs = np.array(places, np.int64).T
    return {
        "stages": stages, "rounds": rounds, "epochs": epochs, "streamEpochs": np.arange(len(places)),
        "rates": prompt.reals([bases[stage] * factor(schedules[stage], epoch, length if stage == 1 else two)
                               for stage, _, epoch in places]),
        "weights": prompt.reals([step * rises(round, epoch, length) if stage == 1 else 0.0
                                 for stage, round, epoch in places]),
    }


def anchors(images, rate, round):
    """The number of anchors; the small term makes up for products such as 90 · 0.7 < 63."""
    return min(images, math.floor(images * rate * round + 1e-9))


@operation("anchor-count")
def anchor_count(prompt):
    images, rate, rounds = prompt.parameter("imageCount"), prompt.parameter("rate", 0.25), prompt.parameter("rounds")
    counts = np.array([anchors(images, rate, round) for round in rounds], np.int64)
    return {"counts": counts, "products": prompt.reals([images * rate * round for round in rounds])}
