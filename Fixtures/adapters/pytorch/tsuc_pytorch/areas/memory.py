"""The memory bank: logits against it, and what it remembers of a batch."""
from tsuc_port.settings import MemorySettings

from .. import losses
from ..precision import backward, wide
from ..registry import operation
from ..tape import Tape


@operation("memory-logits")
def memory_logits(prompt):
    embeddings = prompt.variable("embeddings")
    similarities = wide(embeddings @ prompt.tensor("bank").T)
    logits = similarities / prompt.parameter("bankTemperature", 0.1)
    backward(logits, [embeddings], prompt.tensor("logits.cotangent"))
    return {"similarities": similarities, "logits": logits, "embeddings.gradient": embeddings.grad}


@operation("memory-update")
def memory_update(prompt):
    bank, images, embeddings = prompt.tensor("bank"), prompt.indices("images"), prompt.tensor("embeddings")
    if images.ndim == 1:
        tape = Tape()
        return {"bank.new": losses.remember(bank, images, embeddings, *MemorySettings.of(prompt), tape)} | tape.outputs()
    for batch, views in zip(images, embeddings, strict=True):
        bank = losses.remember(bank, batch, views, *MemorySettings.of(prompt))
    return {"bank.new": bank}
