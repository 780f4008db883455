"""Area loss: the two losses against the bank, from logits and from embeddings, and the mutual information."""
import numpy
from mpmath import mp, mpf

from .arithmetic import digits_for, dot, exp, float64, gradient, log, matrix, self_check, total
from .rows import entropy

CUT = mpf(2) ** -52


def neighbourhood(images, neighbours):
    """For every row the set {image} u {its neighbours}; -1 stands for none."""
    if neighbours is None:
        return [{int(i)} for i in images]
    return [{int(i)} | {int(j) for j in neighbours[int(i)] if j >= 0} for i in images]


def row_neighbourhood(row, members):
    """-ln of the softmax's mass on the members."""
    mass, whole = total([exp(row[j]) for j in sorted(members)]), total([exp(x) for x in row])
    return -log(mass / whole)


def row_entropy(row, image, own_logit):
    """The entropy of the softmax over the others; with an own logit, over all with that number in the image's place."""
    others = row[:image] + ([] if own_logit is None else [own_logit]) + row[image + 1:]
    return entropy(others) if others else mpf(0)


def optional_real(prompt, name):
    """A parameter that may be absent."""
    return prompt.real(name) if name in prompt.parameters else None


def share(prompt, rows):
    """1 / rows for a mean, 1 for a sum."""
    return mpf(1) / rows if prompt.parameter("reduction", "mean") == "mean" else mpf(1)


def from_logits(prompt, row_loss):
    """The loss that is a sum over the rows of logits: a difference moves one row alone."""
    logits = matrix(prompt["logits"])
    c = share(prompt, len(logits))
    losses, gradients = [], []
    for a, row in enumerate(logits):
        with digits_for(*row):
            losses.append(c * row_loss(a, row))
            gradients.append(gradient(lambda r: c * row_loss(a, r), row))
    return {"loss": float64(total(losses)), "logits.gradient": float64(gradients)}


def from_embeddings(prompt, row_loss):
    """The same of the logits v M^T / temperature, as a function of the embeddings; the bank is a constant."""
    embeddings, bank = matrix(prompt["embeddings"]), matrix(prompt["bank"])
    c, temperature = share(prompt, len(embeddings)), prompt.real("bankTemperature", 0.1)
    losses, gradients = [], []

    def of_embedding(a):
        return lambda v: c * row_loss(a, [dot(v, m) / temperature for m in bank])

    for a, v in enumerate(embeddings):
        with digits_for(*[dot(v, m) / temperature for m in bank]):
            losses.append(of_embedding(a)(v))
            gradients.append(gradient(of_embedding(a), v))
    return {"loss": float64(total(losses)), "embeddings.gradient": float64(gradients)}


def instance_neighbourhood(prompt, differentiated=from_logits):
    """-ln of the mass on the neighbourhood."""
    members = neighbourhood(prompt["images"], prompt["neighbours"] if "neighbours" in prompt else None)
    return differentiated(prompt, lambda a, row: row_neighbourhood(row, members[a]))


def unification_entropy(prompt, differentiated=from_logits):
    """The entropy over the other images."""
    images, own = [int(i) for i in prompt["images"]], optional_real(prompt, "ownLogit")
    return differentiated(prompt, lambda a, row: row_entropy(row, images[a], own))


def instance_neighbourhood_of_embeddings(prompt):
    """The same loss, and its gradient with respect to the embeddings."""
    return instance_neighbourhood(prompt, from_embeddings)


def unification_entropy_of_embeddings(prompt):
    """The same entropy, and its gradient with respect to the embeddings."""
    return unification_entropy(prompt, from_embeddings)


class Joint:
    """The joint distribution of two views' classes, before and after the cut, and the losses it gives."""

    def __init__(self, first, second, symmetrised):
        columns, others = list(zip(*first)), list(zip(*second))
        sums = [[dot(a, b) for b in others] for a in columns]
        if symmetrised:
            sums = [[(sums[c][d] + sums[d][c]) / 2 for d in range(len(sums))] for c in range(len(sums))]
        self.sums, self.whole = sums, total([total(row) for row in sums])
        self.rows = [total(row) for row in sums]
        self.columns = [total(column) for column in zip(*sums)]

    def cut(self, x):
        """(p, ln p) of p = x / whole, or of 2^-52 where p is smaller; ln x is remembered for the next difference."""
        return (x / self.whole, log(x) - log(self.whole)) if x >= CUT * self.whole else (CUT, log(CUT))

    def loss(self, weight):
        """-sum P (ln P - weight ln r - weight ln q)."""
        r, q = [self.cut(x)[1] for x in self.rows], [self.cut(x)[1] for x in self.columns]
        terms = []
        for c, row in enumerate(self.sums):
            for d, x in enumerate(row):
                p, logarithm = self.cut(x)
                terms.append(p * (logarithm - weight * r[c] - weight * q[d]))
        return -total(terms)

    def information(self):
        """sum P (ln P - ln r - ln q)."""
        return -self.loss(mpf(1))

    def matrix(self):
        """P before the cut."""
        return [[x / self.whole for x in row] for row in self.sums]


def mutual_information(prompt):
    """The clustering loss of one head."""
    first, second = matrix(prompt["first"]), matrix(prompt["second"])
    weight, symmetrised = prompt.real("marginalEntropyWeight", 1), prompt.parameter("symmetrised", True)
    joint = Joint(first, second, symmetrised)

    def of_first(b):
        return lambda row: Joint(first[:b] + [row] + first[b + 1:], second, symmetrised).loss(weight)

    def of_second(b):
        return lambda row: Joint(first, second[:b] + [row] + second[b + 1:], symmetrised).loss(weight)

    return {
        "loss": float64(joint.loss(weight)), "information": float64(joint.information()),
        "joint": float64(joint.matrix()),
        "first.gradient": float64([gradient(of_first(b), row) for b, row in enumerate(first)]),
        "second.gradient": float64([gradient(of_second(b), row) for b, row in enumerate(second)]),
    }


OPERATIONS = {"instance-neighbourhood": instance_neighbourhood, "unification-entropy": unification_entropy,
              "instance-neighbourhood-of-embeddings": instance_neighbourhood_of_embeddings,
              "unification-entropy-of-embeddings": unification_entropy_of_embeddings,
              "mutual-information": mutual_information}


def checks():
    """Equal logits, and clusters that agree fully."""
    from .files import Prompt
    logits, images = numpy.zeros((1, 4)), numpy.array([2])
    near = instance_neighbourhood(Prompt("instance-neighbourhood", {}, {
        "logits": logits, "images": images, "neighbours": numpy.array([[0], [0], [3], [0]])}))
    others = unification_entropy(Prompt("unification-entropy", {}, {"logits": logits, "images": images}))
    # Embeddings at right angles to the bank: equal logits, and p - p / q of the rows of the bank, over the temperature.
    axes = instance_neighbourhood_of_embeddings(Prompt("instance-neighbourhood-of-embeddings", {"bankTemperature": 0.5}, {
        "embeddings": numpy.array([[0.0, 0.0, 1.0]]), "bank": numpy.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
        "images": numpy.array([1])}))
    sure = mutual_information(Prompt("mutual-information", {}, {"first": numpy.eye(3), "second": numpy.eye(3)}))
    one = mutual_information(Prompt("mutual-information", {}, {"first": numpy.ones((2, 1)),
                                                              "second": numpy.ones((2, 1))}))
    return [
        ("half of the mass", float(near["loss"]), float(mp.log(2))),
        ("p - p / q on the members", near["logits.gradient"].tolist(), [[0.25, 0.25, -0.25, -0.25]]),
        ("of an embedding at right angles", axes["embeddings.gradient"].tolist(), [[1.0, -1.0, 0.0]]),
        ("three equal others", float(others["loss"]), float(mp.log(3))),
        ("the own logit has no gradient", float(others["logits.gradient"][0, 2]), 0.0),
        ("ln K in full agreement, but for the cut", abs(float(sure["loss"]) + float(mp.log(3))) < 1e-13, True),
        ("one class", [float(one["loss"]), float(one["first.gradient"][0, 0])], [0.0, 0.0]),
    ]


if __name__ == "__main__":
    self_check(checks())
