"""Area loss: the totals of both stages, as functions of the embeddings."""
import numpy
from mpmath import mp, mpf

from .arithmetic import digits_for, dot, float64, gradient, length, matrix, self_check, total
from .batch_loss import BatchLoss, relation
from .head import head_logits, unit_heads
from .loss import Joint, neighbourhood, optional_real, row_entropy, row_neighbourhood, share
from .rows import softmax


class StageOne:
    """and + w ue + aug; a moved embedding changes its own row of logits and its relation."""

    def __init__(self, prompt):
        self.embeddings, self.bank = matrix(prompt["embeddings"]), matrix(prompt["bank"])
        self.images = 2 * [int(i) for i in prompt["images"]]
        self.members = neighbourhood(self.images, prompt["neighbours"] if "neighbours" in prompt else None)
        self.own_logit = optional_real(prompt, "ownLogit")
        self.temperature = prompt.real("bankTemperature", 0.1)
        self.entropy_weight = prompt.real("entropyWeight", 0)
        self.share = share(prompt, len(self.embeddings))
        self.by_relation = prompt.parameter("augmentationSpace", "relation") == "relation"
        self.batch = BatchLoss(prompt, len(self.embeddings))

    def logits(self, v):
        """v M^T / temperature."""
        return [dot(v, row) / self.temperature for row in self.bank]

    def near(self, a, v):
        """Row a's part of the neighbourhood loss."""
        return self.share * row_neighbourhood(self.logits(v), self.members[a])

    def unification(self, a, v):
        """Row a's part of the unification entropy."""
        return self.share * row_entropy(self.logits(v), self.images[a], self.own_logit)

    def view(self, v):
        """What the batch loss compares."""
        return relation(v, self.bank) if self.by_relation else v

    def digits(self):
        """The digits of all parts."""
        views = [self.view(v) for v in self.embeddings]
        exponents = [s for row in views for s in self.batch.similarities(row, views)]
        exponents += [z for v in self.embeddings for z in self.logits(v)]
        return digits_for(*exponents)

    def around(self, a, views):
        """All of the total that depends on embedding a."""
        batch = self.batch.around(a, views)

        def value(v):
            parts = [self.near(a, v), batch(self.view(v))]
            if self.entropy_weight > 0:
                parts.append(self.entropy_weight * self.unification(a, v))
            return total(parts)

        return value


def stage_one(prompt):
    """and, ue, aug, total, embeddings.gradient."""
    stage = StageOne(prompt)
    with stage.digits():
        rows = list(enumerate(stage.embeddings))
        views = [stage.view(v) for v in stage.embeddings]
        near = total([stage.near(a, v) for a, v in rows])
        aug = stage.batch.value(views)
        answer = {"and": near, "aug": aug, "total": near + aug}
        if stage.entropy_weight > 0:
            answer["ue"] = total([stage.unification(a, v) for a, v in rows])
            answer["total"] += stage.entropy_weight * answer["ue"]
        gradients = [gradient(stage.around(a, views), v) for a, v in rows]
        return {name: float64(x) for name, x in answer.items()} | {"embeddings.gradient": float64(gradients)}


class StageTwo:
    """assignment + lambda consistency."""

    def __init__(self, prompt):
        self.embeddings = matrix(prompt["embeddings"])
        axis = prompt.parameter("axis", "class")
        self.units = [unit_heads(matrix(head), axis) for head in prompt["heads"]]
        self.temperature = prompt.real("headTemperature", 0.1)
        self.weight = prompt.real("marginalEntropyWeight", 1)
        self.symmetrised = prompt.parameter("symmetrised", True)
        self.consistency_weight = prompt.real("consistencyWeight", 1)
        self.batch = BatchLoss(prompt, len(self.embeddings))

    def probabilities(self, h, v):
        """Head h's distribution for one embedding."""
        return softmax(head_logits(v, self.units[h], self.temperature))

    def joint(self, rows):
        """First views against second views."""
        half = len(rows) // 2
        return Joint(rows[:half], rows[half:], self.symmetrised)

    def digits(self):
        """The digits of all parts."""
        exponents = [s for row in self.embeddings for s in self.batch.similarities(row, self.embeddings)]
        exponents += [x for unit in self.units for v in self.embeddings
                      for x in head_logits(v, unit, self.temperature)]
        return digits_for(*exponents)

    def around(self, a, tables):
        """All of the total that depends on embedding a; tables are the heads' probabilities."""
        batch = self.batch.around(a, self.embeddings)

        def value(v):
            losses = [self.joint(table[:a] + [self.probabilities(h, v)] + table[a + 1:]).loss(self.weight)
                      for h, table in enumerate(tables)]
            assignment = total(losses) / len(tables)
            return assignment + self.consistency_weight * batch(v) if self.consistency_weight > 0 else assignment

        return value


def stage_two(prompt):
    """assignment, consistency, total, heads.losses, heads.information, embeddings.gradient."""
    stage = StageTwo(prompt)
    with stage.digits():
        tables = [[stage.probabilities(h, v) for v in stage.embeddings] for h in range(len(stage.units))]
        joints = [stage.joint(table) for table in tables]
        losses = [joint.loss(stage.weight) for joint in joints]
        assignment = total(losses) / len(losses)
        answer = {"assignment": assignment, "total": assignment, "heads.losses": losses,
                  "heads.information": [joint.information() for joint in joints]}
        if stage.consistency_weight > 0:
            answer["consistency"] = stage.batch.value(stage.embeddings)
            answer["total"] += stage.consistency_weight * answer["consistency"]
        gradients = [gradient(stage.around(a, tables), v) for a, v in enumerate(stage.embeddings)]
        return {name: float64(x) for name, x in answer.items()} | {"embeddings.gradient": float64(gradients)}


OPERATIONS = {"stage-one-loss": stage_one, "stage-two-loss": stage_two}


def checks():
    """The published fixture F(n, d; a, b, c)[i, j] = sin(a + b i + c j^2 + 0.3 i j) of the method, with unit rows."""
    from .files import Prompt

    def fixture(n, d, a, b, c):
        return [[mp.sin(mpf(a) + mpf(b) * i + mpf(c) * j * j + mpf("0.3") * i * j) for j in range(d)] for i in range(n)]

    def unit(rows):
        return [[x / length(row) for x in row] for row in rows]

    bank, images = unit(fixture(12, 8, ".5", "1.1", ".7")), [7, 2, 9, 4]
    noise = fixture(4, 8, "1.7", ".6", ".9") + fixture(4, 8, "2.9", "1.4", ".25")
    v = unit([[m + mpf("1.5") * x for m, x in zip(bank[i], row)] for i, row in zip(images * 2, noise)])
    neighbours = numpy.full((12, 1), -1)
    neighbours[[4, 6, 1, 10, 9, 3], 0] = [10, 10, 6, 4, 5, 11]
    answer = stage_one(Prompt("stage-one-loss", {"entropyWeight": 0.4, "bankTemperature": 0.5, "temperature": 0.5}, {
        "embeddings": float64(v), "bank": float64(bank), "images": numpy.array(images), "neighbours": neighbours}))
    # One head that cannot tell: no information; one image: no negatives.
    silent = stage_two(Prompt("stage-two-loss", {}, {
        "embeddings": numpy.array([[1.0, 0.0], [1.0, 0.0]]), "heads": numpy.array([[[1.0, 1.0], [1.0, 1.0]]])}))
    return [
        ("L_and of the method's fixture", float(answer["and"]), 1.7221643263062643),
        ("L_ue", float(answer["ue"]), 2.151363075794813),
        ("L_aug", float(answer["aug"]), 2.967262778159907),
        ("their total", float(answer["total"]), 5.549972334784097),
        # The published gradients of the three terms, six decimals each.
        ("its gradient", abs(float(answer["embeddings.gradient"][0, 0]) + 0.076381 + 0.4 * 0.010784 + 0.105461) < 2e-6,
         True),
        ("the total of a head that cannot tell", abs(float(silent["total"])) < 1e-15, True),
    ]


if __name__ == "__main__":
    self_check(checks())
