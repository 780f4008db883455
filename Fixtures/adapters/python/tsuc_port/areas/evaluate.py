"""Nearest neighbours and their votes, the scores of a clustering, the choice of epoch and head."""
import numpy as np

from ..registry import operation


def descending(scores):
    """The places of each row's scores, the largest first, equal ones by the lower place."""
    return np.argsort(-scores, axis=1, kind="stable")


def votes(prompt, leaves_out=False):
    """The nearest images of each query, their similarities, every class's score, and all similarities."""
    features, queries, labels = prompt.real("features"), prompt.real("queries"), prompt.whole("labels")
    classes, k = prompt.parameter("classes", int(labels.max()) + 1), min(prompt.parameter("k", 200), len(features))
    products = prompt.product(queries, features.T)
    similarities = products.copy()
    if leaves_out:
        np.fill_diagonal(similarities, -np.inf)
        k = min(k, len(features) - 1)
    nearest = descending(similarities)[:, :k]
    similarities = np.take_along_axis(similarities, nearest, axis=1)
    # The largest similarity is taken away, which changes no ratio of scores and keeps exp from overflowing.
    weights = np.exp((similarities - similarities[:, :1]) / prompt.dtype.type(prompt.parameter("temperature", 0.1)))
    scores = np.zeros((len(queries), classes), prompt.dtype)
    np.add.at(scores, (np.arange(len(queries))[:, None], labels[nearest]), weights)
    return nearest, similarities, scores, products


@operation("weighted-neighbours")
def weighted_neighbours(prompt):
    _, _, scores, products = votes(prompt)
    return {"predictions": scores.argmax(axis=1), "scores": scores, "similarities": products}


@operation("vote-scores")
def vote_scores(prompt):
    nearest, similarities, scores, products = votes(prompt, prompt.parameter("leavesOut", False))
    answer = {"neighbours": nearest, "similarities": similarities, "scores": scores, "products": products}
    return answer | {"predictions": scores.argmax(axis=1)}


@operation("top-accuracy")
def top_accuracy(prompt):
    best = descending(prompt.real("scores"))[:, :prompt.parameter("count", 5)]
    hits = (best == prompt.whole("targets")[:, None]).any(axis=1)
    return {"hits": hits, "matched": hits.sum(), "accuracy": prompt.reals(hits.mean())}


def best_match(gains):
    """The column of each row in the one-to-one map of largest sum: Hungarian method with potentials, one row at a time.

    There must be no more rows than columns.
    """
    rows, columns = gains.shape
    # Column 0 is where a row waits; whole numbers keep every potential exact.
    row_potential, column_potential = np.zeros(rows + 1, np.int64), np.zeros(columns + 1, np.int64)
    owner, before = np.zeros(columns + 1, np.int64), np.zeros(columns + 1, np.int64)
    far = np.iinfo(np.int64).max // 2
    for row in range(1, rows + 1):
        owner[0], column = row, 0
        slack, done = np.full(columns + 1, far), np.zeros(columns + 1, bool)
        while owner[column]:
            done[column] = True
            costs = -gains[owner[column] - 1] - row_potential[owner[column]] - column_potential[1:]
            nearer = ~done[1:] & (costs < slack[1:])
            slack[1:][nearer], before[1:][nearer] = costs[nearer], column
            next_column = int(np.where(done, far, slack)[1:].argmin()) + 1
            step = slack[next_column]
            row_potential[owner[done]] += step
            column_potential[done] -= step
            slack[~done] -= step
            column = next_column
        while column:
            owner[column], column = owner[before[column]], before[column]
    taken = np.flatnonzero(owner[1:])
    match = np.empty(rows, np.int64)
    match[owner[1:][taken] - 1] = taken
    return match


def best_sum(gains):
    """The largest sum of a one-to-one map of rows to columns."""
    gains = gains if len(gains) <= gains.shape[1] else gains.T
    return int(gains[np.arange(len(gains)), best_match(gains)].sum())


def entropy(counts):
    """Of the distribution that the counts have."""
    p = counts[counts > 0] / counts.sum()
    return -(p * np.log(p)).sum()


def information(counts):
    """The mutual information of rows and columns; exactly 0 where one of them has one part."""
    i, j = np.nonzero(counts)
    n, own = counts.sum(), counts[i, j].astype(np.float64)
    independent = counts.sum(axis=1)[i].astype(np.float64) * counts.sum(axis=0)[j]
    return (own / n * np.log(own * n / independent)).sum()


def pairs(counts):
    """How many pairs lie together, exactly."""
    return sum(int(count) * (int(count) - 1) // 2 for count in counts.ravel())


@operation("cluster-scores")
def cluster_scores(prompt):
    predictions, targets = prompt.whole("predictions"), prompt.whole("targets")
    counts = np.zeros((prompt.parameter("clusters"), prompt.parameter("classes")), np.int64)
    np.add.at(counts, (predictions, targets), 1)
    matched, of_rows, of_columns = best_sum(counts), counts.sum(axis=1), counts.sum(axis=0)
    alone = (of_rows > 0).sum() == (of_columns > 0).sum() == 1
    nmi = 1 if alone else 2 * information(counts) / (entropy(of_rows) + entropy(of_columns))
    together, a, b = pairs(counts), pairs(of_rows), pairs(of_columns)
    whole = len(targets) * (len(targets) - 1) // 2
    # (RI − E RI) / (max RI − E RI) times the number of all pairs, in whole numbers up to the division.
    above, below = 2 * (together * whole - a * b), (a + b) * whole - 2 * a * b
    scores = {"accuracy": matched / len(targets), "nmi": max(nmi, 0), "ari": above / below if below else 1}
    return {"matched": np.int64(matched), "counts": counts} | {name: prompt.reals(score) for name, score in scores.items()}


@operation("model-selection")
def model_selection(prompt):
    epoch = prompt.array("losses").argmin()
    return {"epoch": epoch, "head": prompt.array("head_losses")[epoch].argmin()}
