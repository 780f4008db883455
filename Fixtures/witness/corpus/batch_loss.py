"""Area loss: the batch loss over view rows, and the same over relation vectors."""
import numpy
from mpmath import mp, mpf

from .arithmetic import digits_for, dot, exp, float64, gradient, length, log, matrix, self_check, total

SHORTEST = mpf(10) ** -12


class BatchLoss:
    """The loss with its parameters, a sum over queries; row a's part depends on its similarities s_ab to the keys b."""

    def __init__(self, prompt, rows):
        if rows % 2:
            raise ValueError(f"{rows} rows are not two views")
        self.rows = rows
        self.images = rows // 2
        self.temperature = prompt.real("temperature", 0.1)
        self.weight = prompt.real("negativeWeight", 1)
        self.stops = prompt.parameter("stopsGradient", True)
        self.is_paper = prompt.parameter("denominator", "released") == "paper"
        mean = mpf(1) / (self.images if self.is_paper else rows)
        self.share = mean if prompt.parameter("reduction", "mean") == "mean" else mpf(1)

    def similarities(self, query, keys):
        """r_a . r_b / temperature for all keys."""
        return [dot(query, key) / self.temperature for key in keys]

    def of_query(self, a, s):
        """share l_a; enough digits are the caller's to see to."""
        part = self.paper(a, s) if self.is_paper else self.released(a, s)
        return self.share * part

    def released(self, a, s):
        """-ln P - m sum ln(1 - Q): the own row is in neither sum; one logarithm of the product of all 1 - Q."""
        partner = (a + self.images) % self.rows
        positive = exp(s[partner])
        negatives = [exp(s[b]) for b in range(self.rows) if b not in (a, partner)]
        whole = positive + self.weight * total(negatives)
        kept = mpf(1)
        for e in negatives:
            kept *= 1 - e / whole
        return -log(positive / whole) - self.weight * log(kept)

    def paper(self, a, s):
        """Equations 10 and 11: keys are the first views, the own one too."""
        keys = [exp(x) for x in s[:self.images]]
        whole = total(keys)
        if a >= self.images:
            return -log(keys[a - self.images] / whole)
        kept = mpf(1)
        for b, e in enumerate(keys):
            if b != a:
                kept *= 1 - e / whole
        return -log(kept)

    def value(self, rows):
        """The loss of all rows."""
        return total([self.of_query(a, self.similarities(row, rows)) for a, row in enumerate(rows)])

    def around(self, a, rows):
        """The loss as a function of query a: with keys that stay as they are, its own part; else all that changes.

        Where the row is a key too, every other query has one new similarity.
        """
        if self.stops:
            return lambda row: self.of_query(a, self.similarities(row, rows))
        table = [self.similarities(row, rows) for row in rows]

        def all_queries(row):
            moved = rows[:a] + [row] + rows[a + 1:]
            new = self.similarities(row, moved)
            parts = [self.of_query(a, new)]
            parts += [self.of_query(b, table[b][:a] + [new[b]] + table[b][a + 1:])
                      for b in range(self.rows) if b != a]
            return total(parts)

        return all_queries

    def digits(self, rows):
        """The digits that 1 - Q needs: e^-spread may be all that is left of it."""
        return digits_for(*[s for row in rows for s in self.similarities(row, rows)])


def batch_loss(prompt):
    """loss and rows.gradient."""
    rows = matrix(prompt["rows"])
    loss = BatchLoss(prompt, len(rows))
    with loss.digits(rows):
        return {"loss": float64(loss.value(rows)),
                "rows.gradient": float64([gradient(loss.around(a, rows), row) for a, row in enumerate(rows)])}


def relation(embedding, bank):
    """The unit vector of inner products with all rows of the bank; zeros where it has no length."""
    products = [dot(embedding, row) for row in bank]
    size = length(products)
    return [x / size for x in products] if size >= SHORTEST else [x * 0 for x in products]


def relation_loss(prompt):
    """The batch loss of relations, as a function of the embeddings."""
    embeddings, bank = matrix(prompt["embeddings"]), matrix(prompt["bank"])
    loss = BatchLoss(prompt, len(embeddings))
    with loss.digits([relation(v, bank) for v in embeddings]):
        relations = [relation(v, bank) for v in embeddings]
        gradients = []
        for a, v in enumerate(embeddings):
            around = loss.around(a, relations)
            gradients.append(gradient(lambda v: around(relation(v, bank)), v))
        return {"loss": float64(loss.value(relations)), "embeddings.gradient": float64(gradients)}


OPERATIONS = {"batch-loss": batch_loss, "relation-loss": relation_loss}


def checks():
    """Rows that are all alike, and pairs that are alone."""
    from .files import Prompt
    alike = batch_loss(Prompt("batch-loss", {}, {"rows": numpy.ones((4, 2)) / 2}))
    pair = batch_loss(Prompt("batch-loss", {}, {"rows": numpy.array([[1.0, 0.0], [0.0, 1.0]])}))
    # Every query: P = e^10 / (e^10 + 2 e^-10), each of two negatives Q = e^-10 / (e^10 + 2 e^-10).
    rows = numpy.array([[1.0], [-1.0], [1.0], [-1.0]])
    far = batch_loss(Prompt("batch-loss", {}, {"rows": rows}))
    x = mp.exp(-20)
    hand = float(mp.log(1 + 2 * x) - 2 * mp.log((1 + x) / (1 + 2 * x)))
    # One image: the first view has no other key, the second only its partner.
    paper = batch_loss(Prompt("batch-loss", {"denominator": "paper", "stopsGradient": False}, {"rows": rows[:2]}))
    related = relation_loss(Prompt("relation-loss", {}, {"embeddings": 3 * rows, "bank": numpy.array([[2.0], [0.5]])}))
    both = batch_loss(Prompt("batch-loss", {"stopsGradient": False, "temperature": 0.5}, {"rows": rows}))
    one = batch_loss(Prompt("batch-loss", {"temperature": 0.5}, {"rows": rows}))
    return [
        ("the full gradient of a symmetric set is twice the one-sided", [2 * x for x in one["rows.gradient"].ravel()],
         both["rows.gradient"].ravel().tolist()),
        ("ln 3 - 2 ln(2/3)", float(alike["loss"]), float(mp.log(3) - 2 * mp.log(mpf(2) / 3))),
        ("two rows alone", [float(pair["loss"]), pair["rows.gradient"].tolist()], [0.0, [[0.0, 0.0], [0.0, 0.0]]]),
        ("antipodal pairs", float(far["loss"]), hand),
        ("one image in the paper's variant", float(paper["loss"]), 0.0),
        ("relations of numbers are their signs", float(related["loss"]), hand),
        ("and do not depend on their size", related["embeddings.gradient"].ravel().tolist(), [0.0] * 4),
    ]


if __name__ == "__main__":
    self_check(checks())
