"""The losses of both stages, as functions of tensors; every gradient is autograd's.

A tape notes the tensors on the way of an operation that is asked alone, under the corpus' names. No probability near 0 or 1 loses its digits: −log p and −log(1 − p) of p = eˢ / (eˢ + R) are log(1 + R / eˢ) and
log(1 + eˢ / R), and logaddexp(0, ·) keeps both however small they are.
"""
import math

import torch
import torch.nn.functional as F

from .networks import unit_rows
from .precision import stored, wide
from .tape import SILENCE


def softplus(x):
    """log(1 + eˣ) to full precision for every x; F.softplus cuts off above 20."""
    return torch.logaddexp(torch.zeros_like(x), x)


def reduce(rows, reduction, count=None):
    """The mean or the sum of the rows' losses; the mean over `count` rows where not every row is a loss of its own."""
    return rows.sum() / (count or len(rows)) if reduction == "mean" else rows.sum()


def instance_neighbourhood(logits, images, neighbours, reduction="mean", tape=SILENCE):
    """L_AND: −log of the probability of the own image and its neighbours; neighbours[i] lists those of image i."""
    rows, insides = [], []
    for z, i in zip(logits, images.tolist()):
        inside = torch.zeros(len(z), dtype=torch.bool)
        inside[[i, *neighbours.get(i, [])]] = True
        insides.append(z[inside].logsumexp(0))
        rows.append(0 * z.sum() if inside.all() else softplus(z[~inside].logsumexp(0) - insides[-1]))
    tape.note({"log-inside": torch.stack(insides), "log-z": logits.logsumexp(1), "probabilities": logits.softmax(1)})
    return reduce(tape.noted("row-losses", torch.stack(rows)), reduction)


def unification_entropy(logits, images, own_logit=None, reduction="mean", tape=SILENCE):
    """L_UE: the entropy over the other images; a constant own logit keeps the own image in the softmax instead."""
    own = F.one_hot(images, logits.shape[1]).bool()
    if logits.shape[1] == 1:
        return 0 * logits.sum()
    if own_logit is None:
        z = logits[~own].view(len(logits), -1)
    else:
        z = logits.masked_fill(own, own_logit)
    log_p = z.log_softmax(1)
    p = log_p.exp()
    probabilities = p if own_logit is not None else torch.zeros_like(logits).masked_scatter(~own, p)
    tape.note({"log-z": z.logsumexp(1), "probabilities": probabilities})
    return reduce(tape.noted("row-losses", -(p * log_p).sum(1)), reduction)


def batch_loss_row(s, positive, negatives, silent, m, complements):
    """−log Q_p − m Σ log(1 − Q_n), Q_b = e^s_b / Z, Z = e^s_p + m Σ e^s_n + Σ e^s_o over positive, negatives, silent.

    Also log Z; log(1 − Q_n) is written into `complements`.
    """
    loss = 0 * s.sum()
    light = s[silent] if positive is None else s[[positive, *silent]]
    heavy = s[negatives] + math.log(m)
    if positive is not None and len(silent) + len(negatives):
        loss = loss + softplus(torch.cat([s[silent], heavy]).logsumexp(0) - s[positive])
    if negatives:
        # Row n: the rest of Z without Q_n's own numerator, of which m − 1 parts stay.
        remainder = s[negatives] + math.log(m - 1) if m > 1 else torch.full_like(heavy, -math.inf)
        rests = torch.where(torch.eye(len(heavy), dtype=torch.bool), remainder, heavy)
        rests = torch.cat([light.expand(len(heavy), -1), rests], 1).logsumexp(1)
        terms = softplus(s[negatives] - rests)
        complements[negatives] = -terms.detach()
        loss = loss + m * terms.sum()
    return loss, torch.cat([light, heavy]).logsumexp(0)


def batch_loss(cosines, temperature, m=1, denominator="released", reduction="mean", tape=SILENCE):
    """The loss of picking each row's other view; rows 0 … B − 1 are first views, B … 2B − 1 second views."""
    count = len(cosines)
    if count % 2:
        raise ValueError(f"the batch loss needs two views of every image, not {count} rows")
    half, rows, log_z = count // 2, [], []
    complements, probabilities = torch.zeros(count, count), torch.zeros(count, count)
    similarities = tape.keep("similarities", cosines / temperature)
    for a, s in enumerate(similarities):
        partner, originals = (a + half) % count, range(half)
        if denominator == "released":
            parts = partner, [b for b in range(count) if b not in (a, partner)], []
        elif a < half:
            parts = None, [b for b in originals if b != a], [a]
        else:
            parts = partner, [], [b for b in originals if b != partner]
        row, log_sum = batch_loss_row(s, *parts, m, complements[a])
        rows.append(row)
        log_z.append(log_sum)
        competing = [b for part in parts if part is not None for b in (part if isinstance(part, list) else [part])]
        probabilities[a, competing] = (s[competing] - log_sum).exp().detach()
    tape.note({"log-z": torch.stack(log_z), "log-complements": complements, "probabilities": probabilities})
    rows = tape.noted("row-losses", torch.stack(rows))
    return reduce(rows, reduction, count if denominator == "released" else half)


def relations(embeddings, bank):
    """The embeddings' relations r = M v / |M v|, vectors as long as the bank; 0 where there is no relation."""
    z = wide(embeddings @ bank.T)
    lengths = torch.linalg.vector_norm(z.detach(), dim=1, keepdim=True)
    return F.normalize(torch.where(lengths < 1e-12, 0, z), dim=1, eps=1e-12)


def gram_relations(embeddings, bank):
    """The relations in Gram form: r_a · r_b = (G v_a / n_a) · (v_b / n_b), G = Mᵀ M.

    Returns G, G v, 1 / n, G v / n and v / n; a view without any relation has 1 / n = 0.
    """
    gram = wide(bank.T @ bank)
    pulled = wide(embeddings @ gram)
    squares = (pulled * embeddings).sum(1)
    related = squares > 1e-24
    # The inner where keeps the root's infinite slope at 0 out of the gradient.
    inverses = torch.where(related, torch.where(related, squares, 1).rsqrt(), 0)
    return gram, pulled, inverses, pulled * inverses[:, None], embeddings * inverses[:, None]


def joint_distribution(first, second, symmetrised=True):
    """P: how often the two views of an image fall into each pair of classes."""
    joint = wide(first.T @ second)
    joint = (joint + joint.T) / 2 if symmetrised else joint
    return joint / joint.sum()


def negative_information(joint, weight=1, floor=2.0**-52, tape=SILENCE):
    """L_assign of one head: −Σ P (log P − β log r − β log q), r and q the sums of rows and columns."""
    def floored(p):
        return torch.where(p < floor, floor, p)

    p, rows = floored(joint), tape.noted("row-sums", joint.sum(1))
    r, columns = floored(rows).log(), tape.noted("column-sums", joint.sum(0))
    q = floored(columns).log()
    return -(p * tape.noted("logarithms", p.log() - weight * r[:, None] - weight * q)).sum()


def directions(weights, axis):
    """A head's weights, features × classes, of unit length for each class or each feature; zeros as in unit_rows."""
    return unit_rows(weights.T).T if axis == "class" else unit_rows(weights)


def remember(bank, images, embeddings, momentum, policy="second", tape=SILENCE):
    """The bank after a batch: every new row starts from the old bank, and an image's last place counts."""
    views = embeddings.detach().view(-1, len(images), bank.shape[1])
    view = {"first": views[0], "second": views[-1], "mean": views.mean(0)}[policy]
    blends = momentum * bank[images] + (1 - momentum) * view
    lengths = torch.linalg.vector_norm(blends, dim=1)
    tape.note({"views": view, "blends": blends, "lengths": lengths})
    new = bank.clone()
    # One by one: what a write of repeated indices leaves is not defined. What has no direction is not written.
    for image, blend, length in zip(images.tolist(), blends, lengths):
        if length >= 1e-12:
            new[image] = blend / length
    return stored(new)


def entropies(bank, temperature=0.1, rows=None, tape=SILENCE):
    """The entropy of every image's distribution over the whole bank, itself included; or of some rows of the bank."""
    similarities = wide((bank if rows is None else rows) @ bank.T) / temperature
    log_p = similarities.log_softmax(1)
    p = log_p.exp()
    tape.note({"similarities": similarities, "log-z": similarities.logsumexp(1), "probabilities": p})
    return tape.noted("entropies", -(p * log_p).sum(1))


def nearest(rows, queries, k, tape=SILENCE):
    """The k other rows of largest inner product, the largest first, equal ones by the lower index."""
    if not 0 < k < len(rows):
        raise ValueError(f"{k} neighbours need more than {k} rows, not {len(rows)}")
    similarities = tape.noted("similarities", wide(rows[queries] @ rows.T)).scatter(1, queries[:, None], -math.inf)
    return similarities.sort(dim=1, descending=True, stable=True).indices[:, :k]
