"""Safetensors files in NumPy: 8 bytes of length, a header in JSON, the numbers in row-major order, little-endian."""
import json

import numpy as np

TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}


def load(path):
    """The tensors of a file by name; BF16, which NumPy does not have, as float32."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        part = data[start + first:start + last]
        if entry["dtype"] == "BF16":
            numbers = (np.frombuffer(part, "<u2").astype(np.uint32) << 16).view(np.float32)
        else:
            numbers = np.frombuffer(part, TYPES[entry["dtype"]])
        tensors[name] = numbers.reshape(entry["shape"])
    return tensors


def save(tensors, path):
    """Writes arrays one after the other, the widest types first, so that every array is aligned."""
    names = {np.dtype(kind): name for name, kind in TYPES.items()}
    header, parts, end = {}, [], 0
    for name, array in sorted(tensors.items(), key=lambda item: (-item[1].dtype.itemsize, item[0])):
        parts.append(array.astype(array.dtype.newbyteorder("<")).tobytes())
        header[name] = {
            "dtype": names[array.dtype], "shape": list(array.shape), "data_offsets": [end, end + len(parts[-1])]}
        end += len(parts[-1])
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(parts))
