"""The encoder: images to unit rows, and the gradient of every parameter."""
import re

import torch

from ..networks import read_encoder, state_after
from ..registry import operation
from ..tape import Tape

# What leaves a block, a pool or the linear layer.
LEAVES = re.compile(r"(.*layer\d+\.\d+\.output|.*pool\.output|linear\.output|embeddings)")


def probes(gradients):
    """Of every gradient its Euclidean norm and eight elements, n // 8 + 5 apart, modulo n."""
    outputs = {}
    for name, gradient in gradients.items():
        flat = gradient.flatten()
        count = min(8, flat.numel())
        outputs[name + ".norm"] = torch.linalg.vector_norm(flat)
        outputs[name + ".samples"] = flat[[i * (flat.numel() // 8 + 5) % flat.numel() if count == 8 else i for i in range(count)]]
    return outputs


@operation("encoder")
def encoder(prompt):
    tape, images = Tape(), prompt.tensor("images")
    network = read_encoder(prompt, images.shape[1])
    embeddings = network(images, tape)
    embeddings.backward(prompt.tensor("embeddings.cotangent"))
    after = state_after(network)
    if prompt.parameter("probes", False):
        return {"embeddings": embeddings} | probes({n: g for n, g in after.items() if n.endswith(".gradient")})
    return {name: value for name, value in tape.values.items() if LEAVES.fullmatch(name)} | after
