"""Area head: the frozen heads."""
import numpy
from mpmath import mpf

from .arithmetic import (descending, digits_for, dot, exp, float64, gradient, integers, length, matrix,
                         self_check, total)
from .rows import softmax

SHORTEST = mpf(10) ** -12


def unit_heads(weights, axis):
    """D x K weights with unit class vectors (columns) or unit feature rows; a shorter one is divided by 1e-12."""
    if axis == "feature":
        return [[w / max(length(row), SHORTEST) for w in row] for row in weights]
    columns = unit_heads([list(column) for column in zip(*weights)], "feature")
    return [list(row) for row in zip(*columns)]


def head_logits(embedding, unit, temperature):
    """v Wn / temperature."""
    return [dot(embedding, column) / temperature for column in zip(*unit)]


def cluster_heads(prompt):
    """Probabilities, classes, and the gradients of <cotangent, probabilities>."""
    embeddings, heads = matrix(prompt["embeddings"]), [matrix(head) for head in prompt["heads"]]
    cotangents = [matrix(g) for g in prompt["probabilities.cotangent"]]
    temperature, axis = prompt.real("headTemperature", 0.1), prompt.parameter("axis", "class")
    units = [unit_heads(head, axis) for head in heads]
    logits = [[head_logits(v, unit, temperature) for v in embeddings] for unit in units]
    with digits_for(*[x for head in logits for row in head for x in row]):
        units = [unit_heads(head, axis) for head in heads]

        def of_embedding(a):
            return lambda v: total([dot(cotangents[h][a], softmax(head_logits(v, unit, temperature)))
                                    for h, unit in enumerate(units)])

        answer = {
            "probabilities": float64([[softmax(head_logits(v, unit, temperature)) for v in embeddings]
                                      for unit in units]),
            "classes": integers([[descending(row)[0] for row in head] for head in logits]),
            "embeddings.gradient": float64([gradient(of_embedding(a), v) for a, v in enumerate(embeddings)]),
        }
        if prompt.parameter("trainable", False):
            answer["heads.gradient"] = float64([
                weights_gradient(head, embeddings, g, temperature, axis) for head, g in zip(heads, cotangents)])
    return answer


def weights_gradient(weights, embeddings, cotangents, temperature, axis):
    """One head's D x K differences: a moved weight changes one class vector, or one feature row.

    Every embedding's logits change by that part alone.
    """
    unit = unit_heads(weights, axis)
    logits = [[dot(v, column) for column in zip(*unit)] for v in embeddings]

    def by_class(k):
        def value(vector):
            new = [w / max(length(vector), SHORTEST) for w in vector]
            parts = []
            for a, v in enumerate(embeddings):
                row = logits[a][:k] + [dot(v, new)] + logits[a][k + 1:]
                parts.append(dot(cotangents[a], softmax([x / temperature for x in row])))
            return total(parts)
        return value

    def by_feature(d):
        def value(row):
            new = [w / max(length(row), SHORTEST) for w in row]
            parts = []
            for a, v in enumerate(embeddings):
                moved = [x + v[d] * (w - old) for x, w, old in zip(logits[a], new, unit[d])]
                parts.append(dot(cotangents[a], softmax([x / temperature for x in moved])))
            return total(parts)
        return value

    def unless_zero(value, vector):
        """By definition a vector of zeros, which has no direction, gets no gradient."""
        return gradient(value, vector) if any(vector) else [mpf(0)] * len(vector)

    if axis == "feature":
        return [unless_zero(by_feature(d), row) for d, row in enumerate(weights)]
    columns = [unless_zero(by_class(k), list(column)) for k, column in enumerate(zip(*weights))]
    return [list(row) for row in zip(*columns)]


OPERATIONS = {"cluster-heads": cluster_heads}


def checks():
    """Two classes at right angles; prototypes of the lengths 3 and 5."""
    from .files import Prompt
    inputs = {"embeddings": numpy.array([[1.0, 0.0]]), "heads": numpy.array([[[3.0, 0.0], [0.0, 5.0]]]),
              "probabilities.cotangent": numpy.array([[[1.0, 0.0]]])}
    answer = cluster_heads(Prompt("cluster-heads", {"headTemperature": 0.5, "trainable": True}, inputs))
    p = float(exp(mpf(2)) / (exp(mpf(2)) + 1))
    features = unit_heads([[mpf(3), mpf(4)], [mpf(0), mpf(5)]], "feature")
    return [
        ("feature rows", [[float(x) for x in row] for row in features], [[0.6, 0.8], [0.0, 1.0]]),
        ("1 / (1 + e^-2)", float(answer["probabilities"][0, 0, 0]), p),
        ("the class", answer["classes"].tolist(), [[0]]),
        ("p (1 - p) / temperature", float(answer["embeddings.gradient"][0, 0]), 2 * p * (1 - p)),
        ("a prototype's length has no gradient", abs(float(answer["heads.gradient"][0, 0, 0])) < 1e-30, True),
        ("its direction has, over its length", float(answer["heads.gradient"][0, 0, 1]), -2 * p * (1 - p) / 5),
    ]


if __name__ == "__main__":
    self_check(checks())
