"""Single layers, forward; every gradient is JAX's own."""
import jax
import jax.numpy as jnp
from jax import lax


def convolution(x, weight, stride=1, padding=0):
    """Cross-correlation. padding="SAME" would put more zeros below and to the right where the stride is 2."""
    return lax.conv_general_dilated(
        x, weight, (stride, stride), [(padding, padding)] * 2, dimension_numbers=("NCHW", "OIHW", "NCHW"))


def moments(x):
    """Mean and biased variance of every channel; the variance from differences, not as E[x²] − E[x]²."""
    mean = x.mean((0, 2, 3))
    return mean, jnp.square(x - per_channel(mean)).mean((0, 2, 3))


def per_channel(vector):
    return vector[:, None, None]


def standardised(x, mean, variance, weight, bias, epsilon=1e-5):
    slope = weight / jnp.sqrt(variance + epsilon)
    return (x - per_channel(mean)) * per_channel(slope) + per_channel(bias)


def running(old, mean, variance, count, momentum=0.1):
    """The running mean and variance after a batch; the variance of `count` values counts with n − 1."""
    unbiased = variance * (count / max(count - 1, 1))
    return tuple((1 - momentum) * before + momentum * now for before, now in zip(old, (mean, unbiased)))


def unit_rows(x, epsilon=1e-12):
    """Rows over max(length, ε). No gradient goes through a length below ε, and none into a row of zeros.

    The inner where keeps the root's infinite slope at 0 out of the gradient, where it would become NaN.
    """
    x = jnp.where((x != 0).any(1, keepdims=True), x, 0)
    squares = jnp.square(x).sum(1, keepdims=True)
    long = squares > epsilon**2 if epsilon > 1e-18 else squares > 0
    length = jnp.sqrt(jnp.where(long, squares, 1))
    return x / jnp.where(long, length, epsilon)


def edges(dtype):
    return jnp.array([[[1, 0, -1], [2, 0, -2], [1, 0, -1]], [[1, 2, 1], [0, 0, 0], [-1, -2, -1]]], dtype)[:, None]


def sobel(x):
    """The mean of the channels, then horizontal and vertical edges."""
    return convolution(x.mean(1, keepdims=True), edges(x.dtype), padding=1)


def sobel_filters(channels, dtype):
    """The same as one convolution: 2 × channels × 3 × 3."""
    return jnp.repeat(edges(dtype), channels, axis=1) / channels


def pool(x):
    return x.mean((2, 3))


relu = jax.nn.relu  # its gradient at 0 is 0; that of jnp.maximum(x, 0) is 1/2
