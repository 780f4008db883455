"""An independent witness for the losses: PyTorch's automatic differentiation in float64, written from the formulas,
and 60-digit arithmetic (mpmath) where float64 itself loses the digits.

    python3 losses.py > ../method/losses.json

Inputs come from the fixture function F(n, d; a, b, c)[i, j] = sin(a + b i + c j^2 + 0.3 i j); unit(.) divides rows by
their length. Nothing here is taken from the Swift package. Needs torch and mpmath.
"""
import json
import mpmath
import torch

torch.set_default_dtype(torch.float64)


def fixture(n, d, a, b, c):
    i = torch.arange(n).double()[:, None]
    j = torch.arange(d).double()[None, :]
    return torch.sin(a + b * i + c * j * j + 0.3 * i * j)


def unit(x):
    return x / x.norm(dim=1, keepdim=True)


def batch_loss(rows, keys, tau, m=1.0):
    """Every row a query, keys[b] the other factor; pass detached keys for the one-sided gradient."""
    n = rows.shape[0]
    total = 0
    for a in range(n):
        p = (a + n // 2) % n
        s = keys @ rows[a] / tau
        negatives = [b for b in range(n) if b not in (a, p)]
        log_weights = torch.zeros(n)
        log_weights[negatives] = torch.log(torch.tensor(m))
        present = [b for b in range(n) if b != a]
        log_z = torch.logsumexp((s + log_weights)[present], 0)
        total = total - (s[p] - log_z)
        for b in negatives:
            total = total - m * torch.log1p(-torch.exp(s[b] - log_z))
    return total / n


def paper_batch_loss(rows, keys, tau):
    """Eq. 10-11: keys are the originals, a query's own similarity stays in the denominator; mean over images."""
    n = rows.shape[0] // 2
    total = 0
    for i in range(n):
        total = total - torch.log_softmax(keys[:n] @ rows[n + i] / tau, 0)[i]
        q = torch.softmax(keys[:n] @ rows[i] / tau, 0)
        for j in range(n):
            if j != i:
                total = total - torch.log1p(-q[j])
    return total / n


def mutual_information(x, y, beta, symmetric, eps=2.0 ** -52):
    p = x.T @ y
    if symmetric:
        p = (p + p.T) / 2
    p = p / p.sum()
    r, q = p.sum(1), p.sum(0)
    cut = lambda t: torch.where(t < eps, torch.full_like(t, eps), t)
    p, r, q = cut(p), cut(r), cut(q)
    return -(p * (p.log() - beta * r.log()[:, None] - beta * q.log()[None, :])).sum()


def gradient(loss, *inputs):
    return [g.tolist() for g in torch.autograd.grad(loss, inputs, retain_graph=True)]


out = {}

x = unit(fixture(8, 4, 0.2, 0.9, 0.4)).requires_grad_()
out["batch"] = {"rows": x.tolist()}
for name, tau, m in [("m1.5", 0.5, 1.5), ("m3", 0.1, 3.0), ("m1", 0.1, 1.0)]:
    one, full = batch_loss(x, x.detach(), tau, m), batch_loss(x, x, tau, m)
    out["batch"][name] = {"temperature": tau, "weight": m, "loss": full.item(),
                          "oneSided": gradient(one, x)[0], "full": gradient(full, x)[0]}
one, full = paper_batch_loss(x, x.detach(), 0.5), paper_batch_loss(x, x, 0.5)
out["batch"]["paper"] = {"temperature": 0.5, "weight": 1, "loss": full.item(),
                         "oneSided": gradient(one, x)[0], "full": gradient(full, x)[0]}

# Relation vectors, by the definition with vectors as long as the bank.
bank = unit(fixture(12, 8, 0.5, 1.1, 0.7)) * (1 + 0.3 * fixture(12, 1, 0.2, 0.7, 0.0))
v = unit(fixture(6, 8, 1.3, 0.8, 0.35)).requires_grad_()
relations = unit(v @ bank.T)
one, full = batch_loss(relations, relations.detach(), 0.3, 2.0), batch_loss(relations, relations, 0.3, 2.0)
paper = paper_batch_loss(relations, relations, 0.3)
out["relation"] = {"bank": bank.tolist(), "embeddings": v.tolist(), "temperature": 0.3, "weight": 2,
                   "loss": full.item(), "oneSided": gradient(one, v)[0],
                   "full": torch.autograd.grad(full, v, retain_graph=True)[0].tolist(),
                   "paperLoss": paper.item(), "paperFull": gradient(paper, v)[0]}

y1 = torch.softmax(2 * fixture(4, 3, 0.3, 1.3, 0.5), 1).requires_grad_()
y2 = torch.softmax(2 * fixture(4, 3, 0.35, 1.25, 0.55), 1).requires_grad_()
empty1 = torch.tensor([[0.7, 0.3, 0.0], [0.2, 0.8, 0.0], [0.9, 0.1, 0.0], [0.4, 0.6, 0.0]]).requires_grad_()
empty2 = torch.tensor([[0.6, 0.4, 0.0], [0.1, 0.9, 0.0], [0.8, 0.2, 0.0], [0.5, 0.5, 0.0]]).requires_grad_()
out["information"] = {}
for name, a, b, beta, symmetric in [("plain", y1, y2, 1.0, True), ("weighted", y1, y2, 2.0, True),
                                    ("unsymmetric", y1, y2, 1.5, False), ("empty", empty1, empty2, 2.0, True)]:
    loss = mutual_information(a, b, beta, symmetric)
    first, second = gradient(loss, a, b)
    out["information"][name] = {"first": a.tolist(), "second": b.tolist(), "weight": beta, "loss": loss.item(),
                                "symmetrised": int(symmetric), "firstGradient": first, "secondGradient": second}

# Two heads, the loss the inner product with a fixed cotangent; the gradient of the raw weights as well.
weights = [fixture(8, 3, 0.1, 0.8, 0.6).requires_grad_(), fixture(8, 3, 0.9, 0.5, 0.2).requires_grad_()]
cotangents = [fixture(6, 3, 0.4, 0.3, 0.9), fixture(6, 3, 1.4, 0.6, 0.1)]
out["heads"] = {"embeddings": v.tolist(), "temperature": 0.2}
for axis, name in [(0, "classes"), (1, "features")]:
    outputs = [torch.softmax(v @ (w / w.norm(dim=axis, keepdim=True)) / 0.2, 1) for w in weights]
    loss = sum((y * c).sum() for y, c in zip(outputs, cotangents))
    gradients = gradient(loss, v, *weights)
    out["heads"][name] = {"probabilities0": outputs[0].tolist(), "probabilities1": outputs[1].tolist(),
                          "embeddingsGradient": gradients[0], "weightGradient0": gradients[1],
                          "weightGradient1": gradients[2]}
for h in range(2):
    out["heads"][f"weight{h}"] = weights[h].tolist()
    out["heads"][f"cotangent{h}"] = cotangents[h].tolist()

# Both losses against the bank, from logits, with a neighbourhood of two and the released constant for the own logit.
z = (4 * fixture(6, 5, 0.7, 1.9, 0.8)).requires_grad_()
images = [0, 3, 1, 0, 3, 1]
neighbours = {3: [4, 0], 1: [2, 4]}
log_p = torch.log_softmax(z, 1)
neighbourhood = -sum(torch.logsumexp(log_p[a, [i] + neighbours.get(i, [])], 0) for a, i in enumerate(images)) / 6
mask = torch.zeros_like(z, dtype=torch.bool)
mask[range(6), images] = True
constant = torch.where(mask, torch.full_like(z, -10.0), z)
log_q = torch.log_softmax(constant, 1)
entropy10 = -(log_q.exp() * log_q).sum() / 6
entropy = 0
for a, i in enumerate(images):
    others = torch.log_softmax(z[a, [j for j in range(5) if j != i]], 0)
    entropy = entropy - (others.exp() * others).sum() / 6
out["bank"] = {"logits": z.tolist(), "images": images, "anchors": [3, 1], "neighbours": [[4, 0], [2, 4]]}
for name, loss in [("neighbourhood", neighbourhood), ("entropy", entropy), ("entropyMinus10", entropy10)]:
    out["bank"][name] = {"loss": loss.item(), "logitsGradient": torch.autograd.grad(loss, z, retain_graph=True)[0].tolist()}

# The batch loss where a negative's probability is 1 to more digits than float64 has.
mpmath.mp.dps = 60


def exact_batch_loss(rows, keys, tau):
    n = len(rows)
    total = mpmath.mpf(0)
    for a in range(n):
        e = [mpmath.exp(mpmath.fdot(rows[a], keys[b]) / tau) if b != a else mpmath.mpf(0) for b in range(n)]
        total -= mpmath.log(e[(a + n // 2) % n] / mpmath.fsum(e))
        for b in range(n):
            if b not in (a, (a + n // 2) % n):
                total -= mpmath.log((mpmath.fsum(e[:b] + e[b + 1:])) / mpmath.fsum(e))
    return total / n


def exact_gradient(rows, tau, one_sided):
    step = mpmath.mpf("1e-20")
    gradient = []
    for i, row in enumerate(rows):
        gradient.append([])
        for j in range(len(row)):
            sides = []
            for sign in (1, -1):
                moved = [r[:] for r in rows]
                moved[i][j] += sign * step
                sides.append(exact_batch_loss(moved, rows if one_sided else moved, tau))
            gradient[i].append(float((sides[0] - sides[1]) / (2 * step)))
    return gradient


exact_rows = [[mpmath.mpf(value) for value in row] for row in x.tolist()]
for name, tau in [("tau0.01", mpmath.mpf(1) / 100), ("tau0.1", mpmath.mpf(1) / 10)]:
    out["batch"][name] = {"temperature": float(tau), "weight": 1,
                          "loss": float(exact_batch_loss(exact_rows, exact_rows, tau)),
                          "oneSided": exact_gradient(exact_rows, tau, True),
                          "full": exact_gradient(exact_rows, tau, False)}
for name, rows in [("orthogonal", [[1, 0], [0, 1], [1, 0], [0, 1]]), ("antipodal", [[1], [-1], [1], [-1]])]:
    out["batch"][name] = float(exact_batch_loss(rows, rows, mpmath.mpf(1) / 10))

print(json.dumps(out))
