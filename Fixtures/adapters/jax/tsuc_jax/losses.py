"""The losses of both stages, forward; every gradient is JAX's own.

No probability near 0 or 1 loses its digits: −log p and −log(1 − p) of p = eˢ / (eˢ + R) are log(1 + R / eˢ) and
log(1 + eˢ / R), and logaddexp(0, ·) keeps both. Sets of columns are arrays of logarithms of weights, −∞ for what is
not in the set; they are known before compilation, from the prompt's whole numbers.
"""
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .layers import unit_rows

FLOOR = 2.0**-52


def log_sum(x, log_weights):
    """log Σ w eˣ over the last axis, and 0 where every weight is 0, so that nothing there is infinite or NaN."""
    some = jnp.isfinite(log_weights).any(-1, keepdims=True)
    total = jax.nn.logsumexp(x + jnp.where(some, log_weights, 0), axis=-1)
    return jnp.where(some[..., 0], total, 0)


def softplus(x):
    return jnp.logaddexp(x, 0)


def reduced(rows, reduction, count):
    return rows.sum() / count if reduction == "mean" else rows.sum()


def members(images, neighbours, count):
    """For every row the logarithms, 0 and −∞, of its own image and neighbours, and of all other images."""
    inside = np.zeros((len(images), count), bool)
    for row, image in enumerate(images):
        inside[row, [image, *neighbours.get(image, [])]] = True
    return tuple(np.where(mask, 0.0, -np.inf) for mask in (inside, ~inside))


def instance_neighbourhood(logits, sets, reduction):
    """L_AND: −log of the probability of the own image and its neighbours; 0 where these are all images."""
    inside, outside = (s.astype(logits.dtype) for s in sets)
    rows = softplus(log_sum(logits, outside) - log_sum(logits, inside))
    return reduced(jnp.where(jnp.isfinite(outside).any(1), rows, 0), reduction, len(logits))


def entropy_of_rows(logits):
    log_p = jax.nn.log_softmax(logits)
    return -(jnp.exp(log_p) * log_p).sum(1)


def unification_entropy(logits, images, own_logit, reduction):
    """L_UE: the entropy over the other images; a constant own logit keeps the own image in the softmax instead."""
    count = logits.shape[1]
    if count == 1:
        return 0 * logits.sum()
    if own_logit is None:
        others = jnp.arange(count - 1)[None]
        z = jnp.take_along_axis(logits, others + (others >= images[:, None]), axis=1)
    else:
        z = jnp.where(jnp.arange(count) == images[:, None], own_logit, logits)
    return reduced(entropy_of_rows(z), reduction, len(logits))


def batch_sets(count, denominator):
    """For every row what is positive, negative, and only in the denominator, as masks."""
    if count % 2:
        raise ValueError(f"the batch loss needs two views of every image, not {count} rows")
    half, rows, columns = count // 2, np.arange(count)[:, None], np.arange(count)[None]
    partner = columns == (rows + half) % count
    if denominator == "released":
        return partner, ~partner & (rows != columns), np.zeros_like(partner)
    first, originals = rows < half, columns < half
    return partner & ~first, originals & first & (rows != columns), originals & ~partner & (~first | (rows == columns))


def batch_loss(cosines, settings):
    """−log Q_p − m Σ log(1 − Q_n), Q_b = e^s_b / Z, Z = e^s_p + m Σ e^s_n + Σ e^s_o; the rows' other views are p."""
    count, m = len(cosines), settings.negative_weight
    positive, negative, silent = batch_sets(count, settings.denominator)
    s = cosines / settings.temperature

    def logarithms(weights):
        with np.errstate(divide="ignore"):
            return np.log(weights).astype(s.dtype)

    others = m * negative + silent
    counts = positive.any(1) & (others > 0).any(1)
    own = jnp.where(positive, s, 0).sum(1)
    loss = jnp.where(counts, softplus(log_sum(s, logarithms(others)) - own), 0)
    # For each negative n the rest of Z without its own numerator, of which m − 1 parts stay.
    n, b = np.nonzero(negative)
    rest = np.repeat((positive + others)[:, None], count, axis=1)
    rest[n, b, b] -= 1
    of_negatives = softplus(s - log_sum(s[:, None], logarithms(rest)))
    loss = loss + m * jnp.where(negative & (rest > 0).any(2), of_negatives, 0).sum(1)
    return reduced(loss, settings.reduction, count if settings.denominator == "released" else count // 2)


def batch_loss_of(rows, keys, settings):
    """The same of the products of two sets of rows; the second factor is a constant or not."""
    return batch_loss(rows @ (lax.stop_gradient(keys) if settings.stops_gradient else keys).T, settings)


def relations(embeddings, bank):
    """r = M v / |M v|; 0, without a gradient, where that is shorter than 10⁻¹²."""
    z = embeddings @ bank.T
    squares = jnp.square(z).sum(1, keepdims=True)
    related = squares >= 1e-24
    return jnp.where(related, z / jnp.sqrt(jnp.where(related, squares, 1)), 0)


def gram_relations(embeddings, bank):
    """The same for products, r_a · r_b = (v_a / n_a) · (G v_b / n_b), G = Mᵀ M, n² = v · G v; and parts by name."""
    gram = bank.T @ bank
    pulled = embeddings @ gram
    squares = (pulled * embeddings).sum(1)
    related = squares > 1e-24
    inverses = jnp.where(related, 1 / jnp.sqrt(jnp.where(related, squares, 1)), 0)
    parts = {"gram": gram, "pulled": pulled, "inverse-norms": inverses,
             "relations": pulled * inverses[:, None], "scaled": embeddings * inverses[:, None]}
    return parts["scaled"], parts["relations"], {"aug." + name: part for name, part in parts.items()}


def joint_distribution(first, second, symmetrised):
    """P: how often the two views of an image fall into each pair of classes."""
    joint = first.T @ second
    joint = (joint + joint.T) / 2 if symmetrised else joint
    return joint / joint.sum()


def negative_information(joint, weight=1.0):
    """L_assign of one head: −Σ P (log P − λ log r − λ log q), r and q the sums of rows and columns."""
    p, r, q = (jnp.where(x < FLOOR, FLOOR, x) for x in (joint, joint.sum(1), joint.sum(0)))
    return -(p * (jnp.log(p) - weight * jnp.log(r)[:, None] - weight * jnp.log(q))).sum()


def directions(head, axis):
    """A head's weights, features × classes, of unit length for each class or each feature."""
    return unit_rows(head.T).T if axis == "class" else unit_rows(head)


def remember(bank, images, embeddings, momentum, policy):
    """The bank after a batch: every new row starts from the old bank, and an image's last place counts."""
    views = embeddings.reshape(-1, len(images), bank.shape[1])
    view = {"first": views[0], "second": views[-1], "mean": views.mean(0)}[policy]
    blends = momentum * bank[images] + (1 - momentum) * view
    lengths = jnp.sqrt(jnp.square(blends).sum(1, keepdims=True))
    # What has no direction is not written. A write of repeated indices has no order: the last place is found first.
    places = jnp.where(lengths[:, 0] >= 1e-12, jnp.arange(len(images)), -1)
    last = jnp.full(len(bank), -1).at[images].max(places)
    return jnp.where(last[:, None] >= 0, (blends / lengths)[last], bank)


def entropies(bank, temperature):
    """The entropy of every image's distribution over the whole bank, itself included."""
    return entropy_of_rows(bank @ bank.T / temperature)


def nearest(rows, queries, k):
    """The k other rows of largest inner product, the largest first, equal ones by the lower index."""
    products = (rows[queries] @ rows.T).at[jnp.arange(len(queries)), queries].set(-jnp.inf)
    return jnp.argsort(-products, axis=1, stable=True)[:, :k]
