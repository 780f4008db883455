"""Areas optimiser and schedule: steps of gradient descent, and what changes with epoch and round."""
from fractions import Fraction
from math import floor

import numpy
from mpmath import mpf

from .arithmetic import float64, integers, self_check, vector
from .memory import anchor_count


def sgd(prompt):
    """g = gradient + decay w;  v = momentum v + g;  w = w - rate (nesterov ? g + momentum v : v); v is 0 at first."""
    w = vector(prompt["parameter"])
    v = vector(prompt["velocity"]) if "velocity" in prompt else [mpf(0)] * len(w)
    momentum, decay = prompt.real("momentum"), prompt.real("weightDecay")
    parameters, velocities = [], []
    for rate, gradient in zip(prompt.parameter("rates"), prompt["gradients"]):
        g = [x + decay * y for x, y in zip(vector(gradient), w)]
        v = [momentum * x + y for x, y in zip(v, g)]
        ahead = [y + momentum * x for x, y in zip(v, g)] if prompt.parameter("nesterov") else v
        w = [x - mpf(float(rate)) * y for x, y in zip(w, ahead)]
        parameters.append(w)
        velocities.append(v)
    shape = prompt["gradients"].shape
    return {"parameters": float64(parameters, shape), "velocities": float64(velocities, shape)}


def drops(schedule, epoch, length):
    """How often the rate has fallen to a tenth."""
    if schedule not in ("constant", "fractions", "paper", "paperFromEpoch80"):
        raise ValueError(f"there is no schedule {schedule}")
    if schedule == "constant":
        return 0
    if schedule == "fractions":
        # From 60 % and from 80 % of the epochs on.
        return (10 * epoch >= 6 * length) + (10 * epoch >= 8 * length)
    if epoch < 80:
        return 0
    return (epoch - 80) // 40 + (1 if schedule == "paperFromEpoch80" else 0)


def factor(schedule, epoch, length):
    """What is left of the rate."""
    if schedule == "isif":
        # A tenth from epoch 120 on, a twentieth from 160, a hundredth from 200.
        return mpf(1) / (1 if epoch < 120 else 10 if epoch < 160 else 20 if epoch < 200 else 100)
    return mpf(10) ** -drops(schedule, epoch, length)


def learning_rate(prompt):
    """base times what is left of it."""
    schedule, length = prompt.parameter("schedule", "paper"), prompt.parameter("length", 200)
    base = prompt.real("base")
    return {"rates": float64([base * factor(schedule, e, length) for e in prompt.parameter("epochs")])}


def rises(schedule, round_number, epoch, length):
    """How many steps of the entropy weight have been taken."""
    if schedule == "fractions":
        return floor(epoch / (Fraction(4, 10) * length))
    return (epoch + (round_number * length if schedule == "allEpochs" else 0)) // 80


def entropy_weight(prompt):
    """step times the number of steps."""
    schedule, length = prompt.parameter("schedule", "paper"), prompt.parameter("length", 200)
    round_number, step = prompt.parameter("round", 0), prompt.real("step")
    return {"weights": float64([step * rises(schedule, round_number, e, length) for e in prompt.parameter("epochs")])}


def anchor_counts(prompt):
    """n_r of every round."""
    images, rate = prompt.parameter("imageCount"), prompt.parameter("rate", 0.25)
    return {"counts": integers([anchor_count(images, rate, r) for r in prompt.parameter("rounds")])}


def run_schedule(prompt):
    """Every epoch of a run: the rounds of stage 1, then stage 2. The streams' epochs are simply numbered."""
    length, two = prompt.parameter("epochsPerRound"), prompt.parameter("stageTwoEpochs")
    places = [(1, r, e) for r in range(prompt.parameter("rounds")) for e in range(length)] + [(2, 0, e) for e in range(two)]
    step, kind = prompt.real("entropyWeightStep", 0.2), prompt.parameter("entropyWeightSchedule", "paper")
    bases = {1: prompt.real("stageOneRate", 0.03), 2: prompt.real("stageTwoRate", 0.01)}
    kinds = {1: prompt.parameter("stageOneSchedule", "paper"), 2: prompt.parameter("stageTwoSchedule", "paper")}
    columns = [list(column) for column in zip(*places)]
    return {
        "stages": integers(columns[0]), "rounds": integers(columns[1]), "epochs": integers(columns[2]),
        "streamEpochs": integers(range(len(places))),
        "rates": float64([bases[s] * factor(kinds[s], e, length if s == 1 else two) for s, _, e in places]),
        "weights": float64([step * rises(kind, r, e, length) if s == 1 else mpf(0) for s, r, e in places]),
    }


OPERATIONS = {"run-schedule": run_schedule, "sgd": sgd, "learning-rate": learning_rate, "entropy-weight": entropy_weight,
              "anchor-count": anchor_counts}


def checks():
    """One step of each kind, and the borders of the schedules."""
    from .files import Prompt

    def one(nesterov):
        answer = sgd(Prompt("sgd", {"rates": [0.5], "momentum": 0.5, "weightDecay": 0.25, "nesterov": nesterov}, {
            "parameter": numpy.array([4.0]), "velocity": numpy.array([8.0]), "gradients": numpy.array([[1.0]])}))
        return answer["parameters"].tolist() + answer["velocities"].tolist()

    return [
        ("g = 2, v = 6, w = 4 - 3", one(False), [[1.0], [6.0]]),
        ("Nesterov: w = 4 - (2 + 3) / 2", one(True), [[1.5], [6.0]]),
        ("the first drop is at 120", [drops("paper", e, 200) for e in (80, 119, 120, 160)], [0, 0, 1, 2]),
        ("or at 80", [drops("paperFromEpoch80", e, 200) for e in (79, 80, 119, 120)], [0, 1, 1, 2]),
        ("by fractions of 5 epochs", [drops("fractions", e, 5) for e in range(5)], [0, 0, 0, 1, 2]),
        ("isif", [round(1 / factor("isif", e, 5)) for e in (119, 120, 160, 200)], [1, 10, 20, 100]),
        ("w rises by fifths of 5 epochs", [rises("fractions", 1, e, 5) for e in range(5)], [0, 0, 1, 1, 2]),
    ]


if __name__ == "__main__":
    self_check(checks())
