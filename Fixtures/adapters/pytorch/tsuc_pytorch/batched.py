"""Losses, bank and neighbourhoods without a loop over rows, for training; losses.py has their definitions row by row.

Only what the recipes use: mean over the rows, two views, the own image left out. tests/test_batched.py compares both.
"""
import math

import torch
import torch.nn.functional as F

from .losses import (
    directions, entropies, gram_relations, joint_distribution, nearest, negative_information, softplus, unification_entropy)

TAU = 0.1


def instance_neighbourhood(logits, sets):
    """L_AND = mean_a −log Σ_{j ∈ S_a} softmax(z_a)_j = mean_a log(1 + Σ_{j ∉ S_a} eᶻ / Σ_{j ∈ S_a} eᶻ).

    logits: rows × N; sets: rows × any, the images of each row's S, repeated where it has fewer than others.
    """
    inside = torch.zeros_like(logits, dtype=torch.bool).scatter_(1, sets, True)
    outer = logits.masked_fill(inside, -math.inf).logsumexp(1)
    return softplus(outer - logits.masked_fill(~inside, -math.inf).logsumexp(1)).mean()


def batch_loss(cosines, temperature=TAU):
    """−mean_a [log Q_aπ(a) + Σ_{b ≠ a, π(a)} log(1 − Q_ab)], Q_a = softmax of cosines_a / τ over b ≠ a; π(a): a's other view.

    cosines: 2B × 2B, first views above second views. log(1 − Q) is log1p(−Q) but for the largest Q of a row, the only one
    that may be near 1: there it is the logarithm of the sum of the others.
    """
    count = len(cosines)
    rows = torch.arange(count, device=cosines.device)
    partner = (rows + count // 2) % count
    own = torch.eye(count, dtype=torch.bool, device=cosines.device)
    log_q = (cosines / temperature).masked_fill(own, -math.inf).log_softmax(1)
    largest = log_q.detach().argmax(1, keepdim=True)
    rest = log_q.scatter(1, largest, -math.inf)
    log_not_q = torch.log1p(-rest.exp()).scatter(1, largest, rest.logsumexp(1, keepdim=True))
    negatives = log_not_q.masked_fill(F.one_hot(partner, count).bool(), 0).sum(1)
    return -(log_q[rows, partner] + negatives).mean()


def remember(bank, images, embeddings, momentum=0.5, view=1):
    """m_i ← unit(ρ m_i + (1 − ρ) v_i), in place; the images differ, and `view` says which of an image's two is v_i."""
    views = embeddings.detach().view(2, len(images), -1)
    bank[images] = F.normalize(momentum * bank[images] + (1 - momentum) * views[view], dim=1)


def neighbourhoods(bank, count, k, temperature=TAU):
    """S of every image, N × (1 + k): itself and, for the `count` images of lowest entropy, its k nearest; in parts."""
    uncertainty = torch.cat([entropies(bank, temperature, part) for part in bank.split(1024)])
    anchors = uncertainty.sort(stable=True).indices[:count]
    sets = torch.arange(len(bank), device=bank.device)[:, None].repeat(1, 1 + k)
    for part in anchors.split(1024):
        sets[part, 1:] = nearest(bank, part, k)
    return anchors, sets


def one_sided(rows, others, mistake):
    """L_aug and L_cp: a view should find its image's other view; the second factor of every product is a constant."""
    return batch_loss(rows @ (others if mistake == "no-stop-gradient" else others.detach()).T, TAU)


def stage_one_loss(v, images, bank, sets, w, mistake=None):
    """L_1 = L_and + w L_ue + L_aug, and its terms, of both views of the images."""
    rows, z = images.repeat(2), v @ bank.T / TAU
    terms = {"L_and": instance_neighbourhood(z, sets[rows])}
    # Relations r = M v / ‖M v‖ have r_a · r_b = (G v_a / n_a) · (v_b / n_b), G = Mᵀ M, n² = vᵀ G v.
    *_, related, scaled = gram_relations(v, bank)
    terms["L_aug"] = one_sided(scaled, related, mistake)
    if w > 0:
        terms["L_ue"] = unification_entropy(z, rows)
    return terms["L_and"] + w * terms.get("L_ue", 0) + terms["L_aug"], terms


def probabilities(v, heads, recipe):
    """y = softmax(v W̄ / τ_c) of every head; the columns of W̄ have unit length."""
    return torch.stack([(v @ directions(w, "class") / recipe.head_temperature).softmax(1) for w in heads])


def stage_two_loss(v, heads, recipe, mistake=None):
    """L_2 = mean_h L_assign(h) + λ L_cp, L_assign = −Σ P (log P − λ_m log r − λ_m log q), P the joint y of both views."""
    joint = [joint_distribution(*y.chunk(2)) for y in probabilities(v, heads, recipe)]
    of_heads = torch.stack([negative_information(p, recipe.marginal_weight) for p in joint])
    terms = {"L_assign": of_heads.mean(), "L_cp": one_sided(v, v, mistake)}
    terms |= {f"head {h}": loss for h, loss in enumerate(of_heads)}
    terms |= {f"information {h}": -negative_information(p) for h, p in enumerate(joint)}
    return terms["L_assign"] + recipe.consistency_weight * terms["L_cp"], terms
