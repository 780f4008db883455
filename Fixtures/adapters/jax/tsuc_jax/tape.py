"""Notes what a forward pass computes. The gradient of a noted tensor is that of zeros which are added to it."""
import jax
import jax.numpy as jnp


class Tape:
    """Values by name, running statistics by name, and what is watched for its gradient."""

    def __init__(self, zeros=None):
        self.values, self.statistics, self.zeros, self.shapes = {}, {}, zeros, {}

    def keep(self, name, x, gradient=True):
        """Notes a tensor, and by default watches it."""
        self.values[name] = self.watch(name, x) if gradient else x
        return self.values[name]

    def watch(self, name, x):
        """Makes a tensor's gradient available, without noting the tensor."""
        self.shapes[name] = x.shape, x.dtype
        return x + self.zeros[name] if self.zeros else x


def backward(forward, parameters):
    """Of forward(parameters, tape) → loss, results: the results, the tape, and "NAME.gradient" of all that is named."""
    probe = Tape()
    jax.eval_shape(lambda p: forward(p, probe)[1], parameters)
    zeros = {name: jnp.zeros(*shape) for name, shape in probe.shapes.items()}

    def run(parameters, zeros):
        tape = Tape(zeros)
        loss, results = forward(parameters, tape)
        return loss, (results, tape.values, tape.statistics)

    found, gradients = jax.grad(run, argnums=(0, 1), has_aux=True)(parameters, zeros)[::-1]
    results, values, statistics = found
    named = {name + ".gradient": gradient for part in gradients for name, gradient in part.items()}
    return results, values, statistics, named
