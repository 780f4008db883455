"""A prompt's inputs as tensors."""
import tsuc_port
import torch

from .precision import stored, wide


class Prompt(tsuc_port.Prompt):
    """Real tensors have the run's precision, which is torch's default type."""

    def tensor(self, name):
        """A fresh tensor of real numbers, a leaf of the graph."""
        tensor = torch.from_numpy(self.real(name))
        return stored(tensor) if name == "bank" else tensor

    def variable(self, name):
        """A fresh tensor of real numbers whose gradient is wanted."""
        return self.tensor(name).requires_grad_()

    def indices(self, name):
        """A tensor of whole numbers."""
        return torch.from_numpy(self.whole(name))

    def product(self, a, b):
        """Torch's product, so that --products rounds its factors."""
        return wide(torch.from_numpy(a) @ torch.from_numpy(b)).numpy()
