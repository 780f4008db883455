"""The prompts of precision.py in 60 digits and more, gradients in closed form: a second witness, for large batches.

    python3 precision_exact.py PROMPTS --out RESPONSES [--only FILE] [--workers N]

FILE has the identifiers of the prompts to answer, one a line; without it all are.

corpus_mpmath.py takes gradients by differences of the value, so that no derivation is trusted; of a loss of 1,024 rows
those are days. Here each gradient is one formula, evaluated in so many digits that e^-spread beside 1 still has 60 of
them (of logits that spread by more than 1,600 what is lost is nothing in float64). Nothing is done about cancellation
but digits. That the formulas are the gradients is seen on small prompts: precision.py asks both witnesses. Needs the
packages of requirements.txt, and gmpy2.
"""
import argparse
import multiprocessing
import pathlib
import time

import gmpy2
import numpy
from gmpy2 import mpfr

from corpus import files

DIGITS = 60
WIDEST = 1600
FLOOR = mpfr(2) ** -52
exp, log, root = (numpy.frompyfunc(f, 1, 1) for f in (gmpy2.exp, gmpy2.log, gmpy2.sqrt))


def exact(array):
    """The numbers of an array as they are, in the precision of the moment."""
    return numpy.frompyfunc(lambda x: mpfr(float(x)), 1, 1)(numpy.asarray(array, dtype=numpy.float64))


def work_in(spread):
    """Digits for exponents that spread so far."""
    gmpy2.get_context().precision = int((DIGITS + min(float(spread), WIDEST) / 2.302 + 1) * 3.33)


def spread(logits):
    """The largest minus the smallest."""
    return logits.max() - logits.min()


def softmax(z):
    """exp(z) over the sum of its row."""
    e = exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def log_sum_exp(z):
    """Of every row, as a column."""
    largest = z.max(axis=1, keepdims=True)
    return largest + log(exp(z - largest).sum(axis=1, keepdims=True))


def by_rows(prompt):
    """The softmax and what belongs to it."""
    work_in(max(numpy.ptp(row) for row in prompt["x"]))
    x, name = exact(prompt["x"]), prompt.operation
    g = exact(prompt["y.cotangent"].reshape(len(x), -1))
    p, whole = softmax(x), log_sum_exp(x)
    if name == "softmax-of-rows":
        return {"y": p, "x.gradient": p * (g - (g * p).sum(axis=1, keepdims=True))}
    if name == "log-softmax-of-rows":
        return {"y": x - whole, "x.gradient": g - p * g.sum(axis=1, keepdims=True)}
    if name == "log-sum-exp-of-rows":
        return {"y": whole[:, 0], "x.gradient": g * p}
    entropy = -(p * (x - whole)).sum(axis=1, keepdims=True)
    return {"y": entropy[:, 0], "x.gradient": -g * p * (x - whole + entropy)}


def neighbourhood(z, images, neighbours):
    """Mean -ln of the mass on the neighbourhood; the gradient is softmax over all minus softmax over the neighbourhood."""
    total, gradient = mpfr(0), softmax(z)
    for a, image in enumerate(images):
        near = [] if neighbours is None else [int(j) for j in neighbours[image] if j >= 0]
        members = sorted({int(image), *near})
        total += log_sum_exp(z[a:a + 1])[0, 0] - log_sum_exp(z[a:a + 1, members])[0, 0]
        gradient[a, members] = gradient[a, members] - softmax(z[a:a + 1, members])[0]
    return total / len(z), gradient / len(z)


def unification(z, images, own):
    """Mean entropy of the softmax over the others, or with a constant for the own logit; by z: -p (ln p + H)."""
    total, gradient = mpfr(0), z * 0
    for a, image in enumerate(images):
        others = [j for j in range(z.shape[1]) if j != image]
        row = z[a:a + 1, others]
        row = row if own is None else numpy.append(row, exact([[own]]), axis=1)
        p = softmax(row)
        logarithms = row - log_sum_exp(row)
        entropy = -(p * logarithms).sum()
        total += entropy
        gradient[a, others] = (-p * (logarithms + entropy))[0, :len(others)]
    return total / len(z), gradient / len(z)


def from_logits(prompt):
    """The two losses against the bank."""
    work_in(max(numpy.ptp(row) for row in prompt["logits"]))
    z, images = exact(prompt["logits"]), prompt["images"]
    if prompt.operation == "unification-entropy":
        loss, gradient = unification(z, images, prompt.parameters.get("ownLogit"))
    else:
        loss, gradient = neighbourhood(z, images, prompt["neighbours"] if "neighbours" in prompt else None)
    return {"loss": loss, "logits.gradient": gradient}


def batch(s):
    """The mean batch loss of similarities s, and its derivative by each of them.

    l = -ln Q_p - sum ln(1 - Q_n);  by s_n: 2 Q_n - Q_n (A - O_n), by s_p: -(1 - Q_p) - Q_p A;  O = Q / (1 - Q), A = sum O.
    """
    total, gradient, count = mpfr(0), s * 0, len(s)
    for a in range(count):
        partner = (a + count // 2) % count
        q = s[a] - max(numpy.delete(s[a], a))
        q = exp(q)
        q[a] = mpfr(0)
        q = q / q.sum()
        positive, odds = q[partner], q / (1 - q)
        odds[partner] = mpfr(0)
        kept = 1 - q
        kept[partner] = mpfr(1)
        total -= gmpy2.log(positive) + gmpy2.log(kept.prod())
        gradient[a] = 2 * q - q * (odds.sum() - odds)
        gradient[a, partner] = positive - 1 - positive * odds.sum()
    return total / count, gradient / count


def batch_loss(prompt):
    """Rows; the keys are constants."""
    temperature = float(prompt.parameter("temperature", 0.1))
    work_in(spread(prompt["rows"] @ prompt["rows"].T) / temperature)
    rows = exact(prompt["rows"])
    loss, gradient = batch(rows @ rows.T / mpfr(temperature))
    return {"loss": loss, "rows.gradient": gradient @ rows / mpfr(temperature)}


def relation(v, bank, temperature):
    """The batch loss of unit relations r = M v / |M v|; by v: M^T (g - r (r.g)) / |M v|."""
    r = v @ bank.T
    length = root((r * r).sum(axis=1, keepdims=True))
    r = r / length
    loss, gradient = batch(r @ r.T / temperature)
    g = gradient @ r / temperature
    return loss, ((g - r * (g * r).sum(axis=1, keepdims=True)) / length) @ bank


def relation_loss(prompt):
    """Embeddings against a bank."""
    temperature = float(prompt.parameter("temperature", 0.1))
    work_in(2 / temperature)
    loss, gradient = relation(exact(prompt["embeddings"]), exact(prompt["bank"]), mpfr(temperature))
    return {"loss": loss, "embeddings.gradient": gradient}


def stage_one(prompt):
    """L_AND + w L_UE + L_AUG of relations."""
    tau, own = float(prompt.parameter("bankTemperature", 0.1)), prompt.parameters.get("ownLogit")
    temperature = float(prompt.parameter("temperature", 0.1))
    work_in(max(2 / temperature, spread(prompt["embeddings"] @ prompt["bank"].T) / tau))
    v, bank = exact(prompt["embeddings"]), exact(prompt["bank"])
    z, images = v @ bank.T / mpfr(tau), numpy.concatenate([prompt["images"]] * 2)
    near, by_near = neighbourhood(z, images, prompt["neighbours"] if "neighbours" in prompt else None)
    ue, by_ue = unification(z, images, own)
    aug, by_aug = relation(v, bank, mpfr(temperature))
    weight = mpfr(float(prompt.parameter("entropyWeight", 0)))
    answer = {"and": near, "aug": aug, "total": near + weight * ue + aug,
              "embeddings.gradient": (by_near + weight * by_ue) @ bank / mpfr(tau) + by_aug}
    return answer | ({"ue": ue} if weight > 0 else {})


def information(first, second, weight):
    """L, I, P and the gradients of L by both views' probabilities; what is below the floor is the floor, a constant."""
    sums = first.T @ second
    sums = (sums + sums.T) / 2
    whole = sums.sum()
    p = sums / whole
    (cells, above), (r, r_above), (q, q_above) = (
        cut(x) for x in (p, p.sum(axis=1, keepdims=True), p.sum(axis=0, keepdims=True)))
    parts = log(cells) - weight * log(r) - weight * log(q)
    by_p = (above * (-parts - 1) + r_above * weight * cells.sum(axis=1, keepdims=True) / r
            + q_above * weight * cells.sum(axis=0, keepdims=True) / q)
    by_sums = (by_p - (p * by_p).sum()) / whole
    by_sums = (by_sums + by_sums.T) / 2
    shares = (cells * (log(cells) - log(r) - log(q))).sum()
    return -(cells * parts).sum(), shares, p, second @ by_sums.T, first @ by_sums


def cut(x):
    """Numbers of at least the floor, and 1 where they were as large before."""
    return numpy.maximum(x, FLOOR), (x >= FLOOR).astype(int)


def mutual_information(prompt):
    """One head's loss."""
    work_in(0)
    found = information(exact(prompt["first"]), exact(prompt["second"]),
                        mpfr(float(prompt.parameter("marginalEntropyWeight", 1))))
    return dict(zip(("loss", "information", "joint", "first.gradient", "second.gradient"), found))


def heads(prompt):
    """Unit class vectors, temperature and embeddings."""
    tau = float(prompt.parameter("headTemperature", 0.1))
    work_in(max(2 / tau, 2 / float(prompt.parameter("temperature", 0.1))))
    weights = exact(prompt["heads"])
    return exact(prompt["embeddings"]), weights / root((weights * weights).sum(axis=1, keepdims=True)), mpfr(tau)


def through_softmax(y, g):
    """The gradient of logits."""
    return y * (g - (g * y).sum(axis=1, keepdims=True))


def cluster_heads(prompt):
    """Probabilities and the gradient of the embeddings."""
    v, weights, tau = heads(prompt)
    cotangents = exact(prompt["probabilities.cotangent"])
    y = [softmax(v @ w / tau) for w in weights]
    gradient = sum(through_softmax(p, g) @ w.T / tau for p, g, w in zip(y, cotangents, weights))
    return {"probabilities": numpy.array(y), "classes": numpy.array([p.argmax(axis=1) for p in y], dtype=numpy.int64),
            "embeddings.gradient": gradient}


def stage_two(prompt):
    """The mean of the heads' losses and the batch loss of the embeddings."""
    v, weights, tau = heads(prompt)
    temperature, half = mpfr(float(prompt.parameter("temperature", 0.1))), len(v) // 2
    losses, shares, gradient = [], [], v * 0
    for w in weights:
        y = softmax(v @ w / tau)
        loss, share, _, by_first, by_second = information(
            y[:half], y[half:], mpfr(float(prompt.parameter("marginalEntropyWeight", 1))))
        losses.append(loss)
        shares.append(share)
        by_y = numpy.concatenate([by_first, by_second]) / len(weights)
        gradient = gradient + through_softmax(y, by_y) @ w.T / tau
    consistency, by_s = batch(v @ v.T / temperature)
    weight = mpfr(float(prompt.parameter("consistencyWeight", 1)))
    assignment = sum(losses) / len(losses)
    return {"assignment": assignment, "consistency": consistency, "total": assignment + weight * consistency,
            "heads.losses": numpy.array(losses), "heads.information": numpy.array(shares),
            "embeddings.gradient": gradient + weight * (by_s @ v / temperature)}


def bank_entropies(prompt):
    """The entropy of every row's softmax over all rows."""
    tau = float(prompt.parameter("bankTemperature", 0.1))
    work_in(spread(prompt["bank"] @ prompt["bank"].T) / tau)
    bank = exact(prompt["bank"])
    z = bank @ bank.T / mpfr(tau)
    return {"entropies": -(softmax(z) * (z - log_sum_exp(z))).sum(axis=1)}


OPERATIONS = {
    "softmax-of-rows": by_rows, "log-softmax-of-rows": by_rows, "log-sum-exp-of-rows": by_rows, "entropy-of-rows": by_rows,
    "instance-neighbourhood": from_logits, "unification-entropy": from_logits, "batch-loss": batch_loss,
    "relation-loss": relation_loss, "stage-one-loss": stage_one, "mutual-information": mutual_information,
    "cluster-heads": cluster_heads, "stage-two-loss": stage_two, "bank-entropies": bank_entropies,
}


def answer(task):
    """One prompt's outputs, rounded once; and the seconds it took."""
    folder, identifier = task
    start, prompt = time.monotonic(), files.read_prompt(folder, identifier)
    found = OPERATIONS[prompt.operation](prompt)
    rounded = {name: value if getattr(value, "dtype", None) == numpy.int64 else numpy.array(value, dtype=numpy.float64)
               for name, value in found.items()}
    return identifier, rounded, time.monotonic() - start


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prompts")
    parser.add_argument("--out", required=True)
    parser.add_argument("--only")
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    if pathlib.Path(arguments.out).exists():
        raise SystemExit(f"{arguments.out} exists already and is not overwritten")
    identifiers, seconds = files.identifiers(arguments.prompts), 0.0
    if arguments.only:
        identifiers = pathlib.Path(arguments.only).read_text().split()
    with multiprocessing.Pool(arguments.workers) as pool:
        for identifier, outputs, taken in pool.imap(answer, [(arguments.prompts, i) for i in identifiers]):
            files.write_answer(arguments.out, identifier, outputs)
            seconds += taken
    version = f"gmpy2 {gmpy2.version()}, closed form"
    files.write_capability(arguments.out, version, files.corpus_hash(arguments.prompts), identifiers)
    print(f"{len(identifiers)} prompts in {seconds:.0f} s")


if __name__ == "__main__":
    main()
