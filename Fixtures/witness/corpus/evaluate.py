"""Area evaluate: neighbours in 60 digits, scores of clusterings from exact counts, beside SciPy and scikit-learn."""
from fractions import Fraction
from math import comb

import numpy
from mpmath import mpf
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from .arithmetic import descending, digits_for, dot, exp, float64, integers, log, matrix, self_check, total


def weighted_neighbours(prompt):
    """argmax over the classes of the sum of exp(q.f / temperature) over the k nearest of that class."""
    features, labels = matrix(prompt["features"]), [int(x) for x in prompt["labels"]]
    classes, k = prompt.parameter("classes", max(labels) + 1), prompt.parameter("k", 200)
    temperature = prompt.real("temperature", 0.1)
    predictions = []
    for query in matrix(prompt["queries"]):
        products = [dot(query, f) for f in features]
        with digits_for(*[s / temperature for s in products]):
            scores = [mpf(0)] * classes
            for j in descending(products)[:k]:
                scores[labels[j]] += exp(products[j] / temperature)
            predictions.append(descending(scores)[0])
    return {"predictions": integers(predictions)}


def mutual_information_score(table):
    """2 I / (H_p + H_t), of exact shares; two clusterings of one part each agree: 1, as scikit-learn has it."""
    n = int(table.sum())
    rows, columns = [int(x) for x in table.sum(1)], [int(x) for x in table.sum(0)]
    information = total([mpf(int(c)) / n * log(mpf(int(c)) * n / (rows[i] * columns[j]))
                         for (i, j), c in numpy.ndenumerate(table) if c])
    entropies = -total([mpf(s) / n * log(mpf(s) / n) for s in rows + columns if s])
    return 2 * information / entropies if entropies > 0 else mpf(1)


def rand_score(table):
    """(sum of pairs in cells - expected) / (mean of pairs in rows and in columns - expected), exactly; 0 / 0 is 1."""
    cells = sum(comb(int(c), 2) for c in table.ravel())
    rows, columns = (sum(comb(int(c), 2) for c in table.sum(axis)) for axis in (1, 0))
    pairs = comb(int(table.sum()), 2)
    expected = Fraction(rows * columns, pairs) if pairs else Fraction(0)
    bottom = Fraction(rows + columns, 2) - expected
    return (cells - expected) / bottom if bottom else Fraction(1)


def cluster_scores(prompt):
    """accuracy, nmi, ari, matched; scikit-learn must agree with the exact values."""
    predictions, targets = prompt["predictions"], prompt["targets"]
    table = numpy.zeros((prompt.parameter("clusters"), prompt.parameter("classes")), numpy.int64)
    numpy.add.at(table, (predictions, targets), 1)
    matched = int(table[linear_sum_assignment(table, maximize=True)].sum())
    nmi, ari = mutual_information_score(table), rand_score(table)
    others = normalized_mutual_info_score(targets, predictions), adjusted_rand_score(targets, predictions)
    if max(abs(float(nmi) - others[0]), abs(float(ari) - others[1])) > 1e-12:
        raise ArithmeticError(f"NMI and ARI are {float(nmi)} and {float(ari)}, by scikit-learn {others}")
    return {"accuracy": float64(float(Fraction(matched, len(predictions)))), "nmi": float64(nmi),
            "ari": float64(float(ari)), "matched": integers(matched)}


def model_selection(prompt):
    """The epoch of the smallest loss, and its head of the smallest loss; the first among equals."""
    epoch = int(numpy.argmin(prompt["losses"]))
    return {"epoch": integers(epoch), "head": integers(int(numpy.argmin(prompt["head_losses"][epoch])))}


OPERATIONS = {"weighted-neighbours": weighted_neighbours, "cluster-scores": cluster_scores,
              "model-selection": model_selection}


def checks():
    """A table by hand, and a vote that two near ones win against one."""
    from .files import Prompt
    answer = cluster_scores(Prompt("cluster-scores", {"clusters": 3, "classes": 3}, {
        "predictions": numpy.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 1, 0, 2]),
        "targets": numpy.array([2, 2, 1, 0, 0, 1, 1, 1, 0, 0, 2, 2])}))
    vote = weighted_neighbours(Prompt("weighted-neighbours", {"k": 3, "temperature": 1}, {
        "features": numpy.array([[1.0], [0.5], [0.5], [0.0]]), "labels": numpy.array([0, 1, 1, 0]),
        "queries": numpy.array([[1.0], [8.0]])}))
    best = model_selection(Prompt("model-selection", {}, {
        "losses": numpy.array([1.0, 0.0, 0.0]), "head_losses": numpy.array([[0.0, 1.0], [2.0, 1.0], [1.0, 2.0]])}))
    return [
        ("the first of the best epochs, and its head", [int(best["epoch"]), int(best["head"])], [1, 1]),
        ("9 of 12", [float(answer["accuracy"]), int(answer["matched"])], [0.75, 9]),
        # 9 pairs in cells; 6 + 3 + 10 in rows and 3 times 6 in columns; 66 in all.
        ("ARI", float(answer["ari"]), float((9 - Fraction(19 * 18, 66)) / (Fraction(37, 2) - Fraction(19 * 18, 66)))),
        ("2 e^0.5 > e, but 2 e^4 < e^8", vote["predictions"].tolist(), [1, 0]),
        ("one image", mutual_information_score(numpy.array([[1]])), mpf(1)),
    ]


if __name__ == "__main__":
    self_check(checks())
