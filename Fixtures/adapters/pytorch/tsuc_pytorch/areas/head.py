"""The class heads: fixed directions, or trainable ones."""
import numpy as np
import torch

from .. import losses
from ..registry import operation


@operation("cluster-heads")
def cluster_heads(prompt):
    embeddings, heads = prompt.variable("embeddings"), prompt.variable("heads")
    axis = prompt.choice("axis", ("class", "feature"), "class")
    scores = torch.stack([embeddings @ losses.directions(head, axis) for head in heads])
    probabilities = (scores / prompt.parameter("headTemperature", 0.1)).softmax(2)
    probabilities.backward(prompt.tensor("probabilities.cotangent"))
    outputs = {
        "probabilities": probabilities, "embeddings.gradient": embeddings.grad,
        "classes": np.argmax(scores.detach().numpy(), axis=2),
    }
    return outputs | ({"heads.gradient": heads.grad} if prompt.parameter("trainable", False) else {})
