"""Keeps the tensors that a computation passes through, under names, and their gradients after the backward pass."""
from .precision import unscaled


class Tape:
    """What a forward pass leaves behind; a gradient is kept only where autograd computes one."""

    def __init__(self):
        self.values = {}
        self.watched = {}

    def keep(self, name, tensor, gradient=True):
        """Keeps a tensor and, by default, its gradient."""
        self.values[name] = tensor.detach()
        return self.watch(name, tensor) if gradient else tensor

    def noted(self, name, tensor):
        """Keeps a tensor without its gradient."""
        return self.keep(name, tensor, gradient=False)

    def note(self, tensors):
        """Keeps tensors without their gradients."""
        for name, tensor in tensors.items():
            self.noted(name, tensor)

    def watch(self, name, tensor):
        """Keeps a tensor's gradient alone."""
        if tensor.requires_grad:
            tensor.retain_grad()
            self.watched[name] = tensor
        return tensor

    def forget_gradients(self):
        """Drops the gradients so far: autograd.grad, too, adds into what retain_grad watches on its way."""
        for tensor in self.watched.values():
            tensor.grad = None

    def outputs(self):
        """Every value and every gradient, "NAME.gradient"."""
        gradients = {name + ".gradient": unscaled(t.grad) for name, t in self.watched.items() if t.grad is not None}
        return self.values | gradients


class Silence(Tape):
    """A tape that keeps nothing."""

    def keep(self, name, tensor, gradient=True):
        return tensor

    def watch(self, name, tensor):
        return tensor


SILENCE = Silence()
