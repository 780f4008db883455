"""Areas evaluate and neighbour: the scores of a vote, the similarities of neighbours, top-k accuracy."""
from fractions import Fraction

import numpy
from mpmath import mpf

from .arithmetic import descending, digits_for, dot, exp, float64, integers, matrix, self_check


def vote_scores(prompt):
    """neighbours, similarities, scores relative to the nearest, predictions."""
    features, labels = matrix(prompt["features"]), [int(x) for x in prompt["labels"]]
    classes, k = prompt.parameter("classes", max(labels) + 1), prompt.parameter("k", 200)
    temperature, leaves_out = prompt.real("temperature", 0.1), prompt.parameter("leavesOut", False)
    answer = {"neighbours": [], "similarities": [], "scores": [], "predictions": []}
    for a, query in enumerate(matrix(prompt["queries"])):
        products = [dot(query, f) for f in features]
        voters = [j for j in descending(products) if not (leaves_out and j == a)][:k]
        with digits_for(*[s / temperature for s in products]):
            scores = [mpf(0)] * classes
            for j in voters:
                scores[labels[j]] += exp((products[j] - products[voters[0]]) / temperature)
            answer["predictions"].append(descending(scores)[0])
        answer["neighbours"].append(voters)
        answer["similarities"].append([products[j] for j in voters])
        answer["scores"].append(scores)
    return {"neighbours": integers(answer["neighbours"]), "similarities": float64(answer["similarities"]),
            "scores": float64(answer["scores"]), "predictions": integers(answer["predictions"])}


def top_accuracy(prompt):
    """hits, matched, accuracy: the target's place in the order of falling scores, the lower class first among equals."""
    k = prompt.parameter("count", 5)
    hits = [int(int(target) in numpy.argsort(-row, kind="stable")[:k])
            for row, target in zip(prompt["scores"].astype(numpy.float64), prompt["targets"])]
    return {"hits": integers(hits), "matched": integers(sum(hits)),
            "accuracy": float64(float(Fraction(sum(hits), len(hits))))}


def neighbour_similarities(prompt):
    """neighbours and similarities."""
    rows, k = matrix(prompt["rows"]), prompt.parameter("k", 1)
    neighbours, similarities = [], []
    for query in (int(i) for i in prompt["queries"]):
        products = [dot(rows[query], row) for row in rows]
        nearest = [j for j in descending(products) if j != query][:k]
        neighbours.append(nearest)
        similarities.append([products[j] for j in nearest])
    return {"neighbours": integers(neighbours), "similarities": float64(similarities)}


OPERATIONS = {"vote-scores": vote_scores, "top-accuracy": top_accuracy,
              "neighbour-similarities": neighbour_similarities}


def checks():
    """Two votes at the same distance, and the order of equal scores."""
    from .files import Prompt
    vote = vote_scores(Prompt("vote-scores", {"k": 3, "temperature": 0.5}, {
        "features": numpy.array([[1.0], [0.5], [0.5], [0.0]]), "labels": numpy.array([0, 1, 1, 0]),
        "queries": numpy.array([[1.0]])}))
    top = top_accuracy(Prompt("top-accuracy", {"count": 2}, {
        "scores": numpy.array([[1.0, 2.0, 2.0], [2.0, 2.0, 2.0]]), "targets": numpy.array([2, 2])}))
    near = neighbour_similarities(Prompt("neighbour-similarities", {"k": 2}, {
        "rows": numpy.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.25]]), "queries": numpy.array([0])}))
    return [
        ("1 and 2 / e", vote["scores"][0].tolist()[0], 1.0), ("of two", float(vote["scores"][0][1]), 2 * float(exp(mpf(-1)))),
        ("the nearest", vote["neighbours"].tolist(), [[0, 1, 2]]), ("hits", top["hits"].tolist(), [1, 0]),
        ("similarities", near["similarities"].tolist(), [[0.5, 0.0]]),
    ]


if __name__ == "__main__":
    self_check(checks())
