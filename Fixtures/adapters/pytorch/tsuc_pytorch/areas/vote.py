"""The scores of a vote, the similarities of neighbours, top-k accuracy."""
import math

import numpy as np
import torch
import torch.nn.functional as F

from .. import losses
from ..registry import operation


@operation("vote-scores")
def vote_scores(prompt):
    features, queries, labels = prompt.real("features"), prompt.real("queries"), prompt.whole("labels")
    classes, k = prompt.parameter("classes", int(labels.max()) + 1), min(prompt.parameter("k", 200), len(features))
    similarities = queries @ features.T
    if prompt.parameter("leavesOut", False):
        similarities.fill_diagonal_(-math.inf)
        k = min(k, len(features) - 1)
    similarities, nearest = similarities.sort(dim=1, descending=True, stable=True)
    similarities, nearest = similarities[:, :k], nearest[:, :k]
    weights = ((similarities - similarities[:, :1]) / prompt.parameter("temperature", 0.1)).exp()
    scores = torch.einsum("ak,akc->ac", weights, F.one_hot(labels, classes)[nearest].to(weights.dtype))
    return {"neighbours": nearest, "similarities": similarities, "scores": scores,
            "predictions": np.argmax(scores.numpy(), axis=1)}


@operation("top-accuracy")
def top_accuracy(prompt):
    scores, targets = prompt.real("scores"), prompt.whole("targets")
    best = scores.sort(dim=1, descending=True, stable=True).indices[:, :prompt.parameter("count", 5)]
    hits = (best == targets[:, None]).any(1)
    return {"hits": hits.long(), "matched": hits.sum(), "accuracy": hits.to(prompt.dtype).mean()}


@operation("neighbour-similarities")
def neighbour_similarities(prompt):
    rows, queries = prompt.real("rows"), prompt.whole("queries")
    neighbours = losses.nearest(rows, queries, prompt.parameter("k", 1))
    return {"neighbours": neighbours, "similarities": torch.einsum("af,akf->ak", rows[queries], rows[neighbours])}
