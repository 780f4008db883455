"""Nearest neighbours, the scores of a clustering, and the choice of epoch and head."""
import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from ..registry import operation


@operation("weighted-neighbours")
def weighted_neighbours(prompt):
    features, queries, labels = prompt.real("features"), prompt.real("queries"), prompt.whole("labels")
    classes = prompt.parameter("classes", int(labels.max()) + 1)
    similarities, nearest = (queries @ features.T).sort(dim=1, descending=True, stable=True)
    k = min(prompt.parameter("k", 200), len(features))
    # The largest similarity is taken away, which changes no ratio of scores and keeps exp from overflowing.
    weights = ((similarities[:, :k] - similarities[:, :1]) / prompt.parameter("temperature", 0.1)).exp()
    scores = weights.new_zeros(len(queries), classes).scatter_add(1, labels[nearest[:, :k]], weights)
    return {"predictions": np.argmax(scores.numpy(), axis=1)}


@operation("cluster-scores")
def cluster_scores(prompt):
    predictions, targets = prompt.array("predictions"), prompt.array("targets")
    counts = np.zeros((prompt.parameter("clusters"), prompt.parameter("classes")), np.int64)
    np.add.at(counts, (predictions, targets), 1)
    matched = counts[linear_sum_assignment(-counts)].sum()
    scores = {
        "accuracy": matched / len(targets), "nmi": normalized_mutual_info_score(targets, predictions),
        "ari": adjusted_rand_score(targets, predictions),
    }
    return {"matched": np.int64(matched)} | {name: torch.tensor(x, dtype=prompt.dtype) for name, x in scores.items()}


@operation("model-selection")
def model_selection(prompt):
    epoch = np.argmin(prompt.array("losses"))
    return {"epoch": np.int64(epoch), "head": np.int64(np.argmin(prompt.array("head_losses")[epoch]))}
