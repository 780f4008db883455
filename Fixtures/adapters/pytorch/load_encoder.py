"""The encoder of a tsuc run in torch: load("RUN/checkpoint.safetensors") or any state in RUN/states."""
import json

from safetensors import safe_open
from safetensors.torch import load_file
from tsuc_pytorch.networks import Encoder


def load(path):
    description = json.loads(safe_open(path, "pt").metadata()["description"])
    s = description["encoder"]
    sizes = (s[k] for k in ("inputChannels", "streams", "widths", "blocks", "strides", "stemStride", "embeddingSize"))
    encoder, tensors = Encoder(*sizes), load_file(path)
    prefix = "encoder." if "memory_bank" in tensors else ""
    names = {k: k.removeprefix("streams.0.") if len(encoder.streams) == 1 else k for k in encoder.state_dict()}
    weights = {k: tensors[prefix + name] for k, name in names.items() if prefix + name in tensors}
    encoder.load_state_dict(weights, strict=True)
    return encoder.eval(), description
