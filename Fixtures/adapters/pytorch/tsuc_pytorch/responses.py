"""Writes a folder of responses: AREA/SLUG.safetensors with the outputs, and capability.json."""
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file


def as_array(value):
    """A tensor or array in the type in which it is written: real numbers as they are, whole numbers I64, bytes U8."""
    array = value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
    if array.dtype.kind in "iub" and array.dtype != np.uint8:
        array = array.astype(np.int64)
    return np.ascontiguousarray(array).reshape(array.shape)


def write_response(folder, identifier, outputs):
    """One case's outputs."""
    path = Path(folder) / (identifier + ".safetensors")
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: as_array(value) for name, value in sorted(outputs.items())}, path)


def write_capability(folder, profile, corpus, claims):
    """What this backend is, which arithmetic it is held to and which areas it claims to answer."""
    capability = {
        "backend": "pytorch", "version": torch.__version__, "scalar": profile,
        "corpus": corpus, "claims": sorted(claims),
    }
    Path(folder).mkdir(parents=True, exist_ok=True)
    (Path(folder) / "capability.json").write_text(json.dumps(capability, indent=2, sort_keys=True) + "\n")
