"""The encoder: images to unit rows, and the gradient of every parameter."""
import torch
from tsuc_port.settings import LEAVES, probe_places

from ..networks import read_encoder, state_after
from ..precision import backward
from ..registry import operation
from ..tape import Tape


def probes(gradients):
    """Of every gradient its Euclidean norm and eight elements."""
    outputs = {}
    for name, gradient in gradients.items():
        flat = gradient.flatten()
        outputs[name + ".norm"] = torch.linalg.vector_norm(flat)
        outputs[name + ".samples"] = flat[probe_places(flat.numel())]
    return outputs


@operation("encoder")
def encoder(prompt):
    tape, images = Tape(), prompt.tensor("images")
    network = read_encoder(prompt, images.shape[1])
    embeddings = network(images, tape)
    backward(embeddings, network.parameters(), prompt.tensor("embeddings.cotangent"))
    after = state_after(network)
    if prompt.parameter("probes", False):
        return {"embeddings": embeddings} | probes({n: g for n, g in after.items() if n.endswith(".gradient")})
    return {name: value for name, value in tape.values.items() if LEAVES.fullmatch(name)} | after
