"""A prompt whose products are XLA's."""
import jax.numpy as jnp
import numpy as np
import tsuc_port


class Prompt(tsuc_port.Prompt):
    """Real inputs are NumPy arrays, which compiled functions take as they are."""

    def product(self, a, b):
        return np.array(jnp.matmul(a, b))
