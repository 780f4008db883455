"""The class heads: fixed directions, or trainable ones."""
import numpy as np
import torch
from tsuc_port.settings import head_settings

from .. import losses
from ..precision import backward, wide
from ..registry import operation
from ..tape import Tape


@operation("cluster-heads")
def cluster_heads(prompt):
    embeddings, heads = prompt.variable("embeddings"), prompt.variable("heads")
    temperature, axis = head_settings(prompt)
    tape, directions = Tape(), [losses.directions(head, axis) for head in heads]
    tape.noted("directions", torch.stack(directions))
    scores = torch.stack([wide(embeddings @ unit) for unit in directions])
    probabilities = tape.keep("logits", scores / temperature).softmax(2)
    backward(probabilities, [embeddings, heads], prompt.tensor("probabilities.cotangent"))
    outputs = {
        "probabilities": probabilities, "embeddings.gradient": embeddings.grad,
        "classes": np.argmax(scores.detach().numpy(), axis=2),
    } | tape.outputs()
    return outputs | ({"heads.gradient": heads.grad} if prompt.parameter("trainable", False) else {})
