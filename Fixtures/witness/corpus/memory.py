"""Areas memory and neighbour: the bank of embeddings, and what is found in it."""
from fractions import Fraction
from math import floor

import numpy
from mpmath import mpf

from .arithmetic import (ascending, descending, digits_for, dot, float64, integers, length, matrix, self_check)
from .contraction import Dyadic, rounded, trilinear
from .rows import entropy

SHORTEST = mpf(10) ** -12


def memory_logits(prompt):
    """V M^T / temperature: linear in V, so exact, as in contraction."""
    bank, v, g = prompt["bank"], prompt["embeddings"], prompt["logits.cotangent"]
    (images, features), rows = bank.shape, len(v)
    triples = ((a * images + i, a * features + d, i * features + d)
               for a in range(rows) for i in range(images) for d in range(features))
    y, dv, _ = trilinear(triples, Dyadic(g), Dyadic(v), Dyadic(bank), (rows, images))
    temperature = Fraction(float(prompt.parameter("bankTemperature", 0.1)))
    return {"logits": rounded(y / temperature), "embeddings.gradient": rounded(dv / temperature)}


def chosen_view(embeddings, b, images, policy):
    """The row that stands for place b."""
    if len(embeddings) == images:
        return embeddings[b]
    first, second = embeddings[b], embeddings[images + b]
    if policy == "mean":
        return [(x + y) / 2 for x, y in zip(first, second)]
    return second if policy == "second" else first


def step(bank, images, embeddings, momentum, policy):
    """The bank after one step; every new row comes from the row before the step."""
    after = list(bank)
    for b, image in enumerate(images):
        view = chosen_view(embeddings, b, len(images), policy)
        row = [momentum * m + (1 - momentum) * x for m, x in zip(bank[image], view)]
        size = length(row)
        if size >= SHORTEST:
            after[image] = [x / size for x in row]
    return after


def memory_update(prompt):
    """bank.new."""
    bank, images, embeddings = matrix(prompt["bank"]), prompt["images"], prompt["embeddings"]
    if images.ndim == 1:
        images, embeddings = images[None], embeddings[None]
    for some, rows in zip(images, embeddings):
        bank = step(bank, [int(i) for i in some], matrix(rows), prompt.real("bankMomentum", 0.5),
                    prompt.parameter("viewPolicy", "second"))
    return {"bank.new": float64(bank)}


def entropies(bank, temperature):
    """The entropy of every row's softmax over all rows, itself included."""
    result = []
    for row in bank:
        logits = [dot(row, other) / temperature for other in bank]
        with digits_for(*logits):
            result.append(entropy([dot(row, other) / temperature for other in bank]))
    return result


def bank_entropies(prompt):
    """entropies."""
    return {"entropies": float64(entropies(matrix(prompt["bank"]), prompt.real("bankTemperature", 0.1)))}


def anchor_count(images, rate, round_number):
    """min(N, floor(N rate r + 1e-9)), of the exact product."""
    return min(images, floor(images * Fraction(float(rate)) * round_number + Fraction(1, 10**9)))


def nearest(rows, query, k):
    """The k other rows of the largest inner products."""
    products = [dot(rows[query], row) for row in rows]
    return [j for j in descending(products) if j != query][:k]


def neighbourhood_discovery(prompt):
    """anchors and their neighbours."""
    bank, k = matrix(prompt["bank"]), prompt.parameter("k", 1)
    count = anchor_count(len(bank), prompt.parameter("rate", 0.25), prompt.parameter("round"))
    anchors = ascending(entropies(bank, prompt.real("bankTemperature", 0.1)))[:count] if count else []
    return {"anchors": integers(anchors, (count,)),
            "neighbours": integers([nearest(bank, i, k) for i in anchors], (count, k))}


def nearest_rows(prompt):
    """neighbours."""
    rows, k, queries = matrix(prompt["rows"]), prompt.parameter("k", 1), prompt["queries"]
    found = [nearest(rows, int(i), k) for i in queries]
    return {"neighbours": integers(found, (len(queries), k))}


OPERATIONS = {
    "memory-logits": memory_logits, "memory-update": memory_update, "bank-entropies": bank_entropies,
    "neighbourhood-discovery": neighbourhood_discovery, "nearest-rows": nearest_rows,
}


def checks():
    """Rows at right angles."""
    from .files import Prompt
    bank, tiny = numpy.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]), mpf(10) ** -50
    new = memory_update(Prompt("memory-update", {"bankMomentum": 0.75}, {
        "bank": bank, "images": numpy.array([0]), "embeddings": numpy.array([[0.0, 9.0], [0.0, 4.0]])}))
    first = memory_update(Prompt("memory-update", {"bankMomentum": 0.75, "viewPolicy": "first"}, {
        "bank": bank, "images": numpy.array([1]), "embeddings": numpy.array([[4.0, 0.0], [9.0, 0.0]])}))
    found = nearest_rows(Prompt("nearest-rows", {"k": 2}, {"rows": bank, "queries": numpy.array([1])}))
    twins = neighbourhood_discovery(Prompt("neighbourhood-discovery", {"round": 2, "rate": 0.5}, {
        "bank": numpy.array([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])}))
    return [
        ("0.75 of the old, 0.25 of the second view", new["bank.new"].tolist(),
         [[0.6, 0.8], [0.0, 1.0], [float(numpy.float64(0.6)), 0.8]]),
        ("the first view on request", first["bank.new"][1].tolist(), [0.8, 0.6]),
        ("equal numbers", ascending([1 + 2 * tiny, mpf(1), 1 + tiny, 2 + tiny, mpf(2)]), [0, 1, 2, 3, 4]),
        ("neighbours", found["neighbours"].tolist(), [[2, 0]]),
        ("the loner is surest, of twins the first is surer", twins["anchors"].tolist(), [2, 0, 1]),
        ("equal neighbours", twins["neighbours"].tolist(), [[0], [1], [0]]),
        ("90 * 0.7 counts as 63", anchor_count(90, 0.7, 1), 63),
    ]


if __name__ == "__main__":
    self_check(checks())
