"""The adapter with one formula replaced by what is usually written first, for the table of README.md.

    python first_attempts.py PROMPTS --out OUT --dtype float32
    for answers in OUT/*; do tsuc oracle check "$answers"; done
"""
import sys

import jax
import jax.numpy as jnp
from jax import lax
from tsuc_jax import layers, losses, registry
from tsuc_jax.__main__ import Jax

convolution = layers.convolution


def same(x, weight, stride=1, padding=0):
    if padding and {2 * padding + 1} == set(weight.shape[2:]):
        return lax.conv_general_dilated(x, weight, (stride, stride), "SAME", dimension_numbers=("NCHW", "OIHW", "NCHW"))
    return convolution(x, weight, stride, padding)


def one_pass_moments(x):
    mean = x.mean((0, 2, 3))
    return mean, jnp.maximum(jnp.square(x).mean((0, 2, 3)) - mean * mean, 0)


def rows_over_norm(x, epsilon=1e-12):
    return x / jnp.maximum(jnp.linalg.norm(x, axis=1, keepdims=True), epsilon)


def largest(rows, queries, k):
    products = (rows[queries] @ rows.T).at[jnp.arange(len(queries)), queries].set(-jnp.inf)
    return lax.top_k(products, k)[1]


def written(bank, images, embeddings, momentum, policy):
    views = embeddings.reshape(-1, len(images), bank.shape[1])
    view = {"first": views[0], "second": views[-1], "mean": views.mean(0)}[policy]
    blends = momentum * bank[images] + (1 - momentum) * view
    return bank.at[images].set(blends / jnp.linalg.norm(blends, axis=1, keepdims=True))


def logarithm_of_softmax(logits, sets, reduction):
    p = (jax.nn.softmax(logits) * jnp.exp(sets[0])).sum(1)
    return losses.reduced(-jnp.log(p), reduction, len(logits))


def logarithm_of_one_minus(cosines, settings):
    count, m = len(cosines), settings.negative_weight
    positive, negative, silent = losses.batch_sets(count, settings.denominator)
    e = jnp.exp(cosines / settings.temperature)
    q = e / (e * (positive + m * negative + silent)).sum(1, keepdims=True)
    loss = -jnp.where(positive, jnp.log(jnp.where(positive, q, 1)), 0).sum(1)
    loss = loss - m * jnp.where(negative, jnp.log(1 - jnp.where(negative, q, 0)), 0).sum(1)
    return losses.reduced(loss, settings.reduction, count if settings.denominator == "released" else count // 2)


def sum_of_p_log_p(logits):
    p = jax.nn.softmax(logits)
    return -(p * jnp.log(p)).sum(1)


# Where the formula stands, what replaces it, and the operations that are asked.
ATTEMPTS = {
    "maximum": (layers, "relu", lambda x: jnp.maximum(x, 0), ("relu", "batch-norm")),
    "same": (layers, "convolution", same, ("convolution",)),
    "one-pass": (layers, "moments", one_pass_moments, ("batch-norm", "batch-norm-sequence")),
    "norm": (layers, "unit_rows", rows_over_norm, ("l2-normalisation",)),
    "norm-of-heads": (losses, "unit_rows", rows_over_norm, ("cluster-heads", "stage-two-loss")),
    "top-k": (losses, "nearest", largest, ("nearest-rows", "neighbourhood-discovery", "neighbour-similarities")),
    "set": (losses, "remember", written, ("memory-update",)),
    "log-softmax": (losses, "instance_neighbourhood", logarithm_of_softmax, ("instance-neighbourhood",)),
    "log-1-q": (losses, "batch_loss", logarithm_of_one_minus, ("batch-loss",)),
    "p-log-p": (losses, "entropy_of_rows", sum_of_p_log_p, ("bank-entropies", "unification-entropy")),
}


def main(arguments):
    for name, (module, formula, attempt, operations) in ATTEMPTS.items():
        right = getattr(module, formula)
        setattr(module, formula, attempt)
        for cache in (registry.compiled, registry.pulling_back, registry.differentiated):
            cache.cache_clear()
        jax.clear_caches()
        port = Jax("jax-" + name, jax.__version__, {o: registry.ANSWERS[o] for o in operations}, partial=True)
        options = port.parser().parse_args(arguments)
        options.out = options.out / name
        port.run(options)
        setattr(module, formula, right)


main(sys.argv[1:])
