"""The processes that `torchrun` starts, which share every batch; without it, one process alone.

Each process embeds its share of a batch and collects all embeddings, so that losses, bank and neighbourhoods are those of the
whole batch, the same in every process. Only batch norm sees a share alone.
"""
import os

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel


class Processes:
    def __init__(self):
        self.count, self.rank = (int(os.environ.get(name, default)) for name, default in (("WORLD_SIZE", 1), ("RANK", 0)))
        if self.count > 1:
            dist.init_process_group("gloo")

    def wrapped(self, encoder):
        """An encoder whose gradients are averaged over the processes, and whose running statistics are the first one's."""
        return DistributedDataParallel(encoder) if self.count > 1 else encoder

    def shares(self, batch):
        """The images of a batch by process, as many for each."""
        return batch[: len(batch) // self.count * self.count].view(-1, self.count).T

    def whole(self, embeddings):
        """All embeddings, the first views of every share above the second ones; those of other processes are constants."""
        if self.count == 1:
            return embeddings
        parts = [torch.empty_like(embeddings) for _ in range(self.count)]
        dist.all_gather(parts, embeddings.detach())
        parts[self.rank] = embeddings
        return torch.stack([part.view(2, -1, part.shape[1]) for part in parts], 1).flatten(0, 2)

    def backward(self, loss):
        """Each process has the gradient of its share alone, and the average of those is 1 / count of their sum."""
        (loss * self.count).backward()

    def end(self, bank):
        """Whether this is the process that writes; an error if the bank is not the same bits in all of them."""
        if self.count > 1:
            parts = [torch.empty_like(bank) for _ in range(self.count)]
            dist.all_gather(parts, bank)
            dist.destroy_process_group()
            if not all(torch.equal(part, bank) for part in parts):
                raise RuntimeError("the processes do not hold the same bank")
        return self.rank == 0
