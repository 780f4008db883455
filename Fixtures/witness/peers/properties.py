"""Hypothesis draws prompts of what has a short definition, the high-precision witness answers them in 60 digits, and what
disagrees is shrunk to its smallest form. Layers are left to PyTorch.

Hypothesis likes what people forget: zeros, equal numbers, single rows, numbers just below a power of two, huge beside tiny ones.
"""

import hypothesis
import mpmath
import numpy
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.extra.numpy import arrays

from asking import Question, sixty_digits

EXAMPLES = 30  # of each operation


def reals(*shape, most=None):
    """Numbers that float32 holds, of a size that is drawn too."""
    def of_size(size):
        return arrays(numpy.float32, shape, elements=st.floats(-size, size, width=32, allow_subnormal=False).filter(
            lambda x: x == 0 or abs(x) >= 2.0 ** -40))
    return (st.sampled_from([2.0 ** -7, 1.0, 32.0, 1024.0]) if most is None else st.just(most)).flatmap(of_size)


def wholes(low, high, *shape):
    """Whole numbers; the last is included."""
    return arrays(numpy.int64, shape, elements=st.integers(low, high))


TEMPERATURE = st.sampled_from([0.01, 0.05, 0.1, 0.5, 1.0, 10.0])
SIZE = st.integers(1, 5)
REDUCTION = st.sampled_from(["mean", "sum"])
OPERATIONS = {}


def operation(name):
    """Registers a composite strategy of (parameters, inputs)."""
    def register(function):
        OPERATIONS[name] = st.composite(function)()
        return function
    return register


def of_rows(name, reduces, absent=False):
    @operation(name)
    def drawn(draw):
        r, c = draw(SIZE), draw(SIZE)
        inputs = {"x": draw(reals(r, c)), "y.cotangent": draw(reals(r, most=4.0) if reduces else reals(r, c, most=4.0))}
        if absent and draw(st.booleans()):
            inputs["absent"] = draw(wholes(0, 1, r, c))
            inputs["absent"][:, draw(st.integers(0, c - 1))] = 0
        return {}, inputs


for NAME, REDUCES, ABSENT in (("softmax-of-rows", False, True), ("log-softmax-of-rows", False, False),
                              ("log-sum-exp-of-rows", True, True), ("entropy-of-rows", True, False)):
    of_rows(NAME, REDUCES, ABSENT)


@operation("l2-normalisation")
def l2_normalisation(draw):
    r, c = draw(SIZE), draw(SIZE)
    return ({"epsilon": draw(st.sampled_from([1e-12, 1e-3, 3.0]))},
            {"x": draw(reals(r, c)), "y.cotangent": draw(reals(r, c, most=4.0))})


@operation("instance-neighbourhood")
def instance_neighbourhood(draw):
    r, n = draw(SIZE), draw(SIZE)
    inputs = {"logits": draw(reals(r, n)), "images": draw(wholes(0, n - 1, r))}
    if draw(st.booleans()):
        inputs["neighbours"] = draw(wholes(-1, n - 1, n, draw(SIZE)))
    return {"reduction": draw(REDUCTION)}, inputs


@operation("unification-entropy")
def unification_entropy(draw):
    r, n = draw(SIZE), draw(SIZE)
    own = {"ownLogit": draw(st.sampled_from([-10.0, 0.0, 3.5]))} if draw(st.booleans()) else {}
    return own | {"reduction": draw(REDUCTION)}, {"logits": draw(reals(r, n)), "images": draw(wholes(0, n - 1, r))}


@st.composite
def batch_parameters(draw):
    paper = draw(st.booleans())
    return {"temperature": draw(TEMPERATURE), "negativeWeight": 1.0 if paper else draw(st.sampled_from([1.0, 2.0, 8.0])),
            "stopsGradient": draw(st.booleans()), "denominator": "paper" if paper else "released", "reduction": draw(REDUCTION)}


@operation("batch-loss")
def batch_loss(draw):
    return draw(batch_parameters()), {"rows": draw(reals(2 * draw(st.integers(1, 3)), draw(SIZE), most=1.0))}


@operation("relation-loss")
def relation_loss(draw):
    d = draw(SIZE)
    return draw(batch_parameters()), {"embeddings": draw(reals(2 * draw(st.integers(1, 3)), d, most=1.0)),
                                      "bank": draw(reals(draw(SIZE), d, most=1.0))}


@st.composite
def probabilities(draw, rows, classes):
    """Shares of whole numbers; none so small that a difference would reach below 0."""
    counts = draw(wholes(1, 1000, rows, classes)).astype(float)
    return (counts / counts.sum(1, keepdims=True)).astype(numpy.float32)


@operation("mutual-information")
def mutual_information(draw):
    b, k = draw(SIZE), draw(SIZE)
    return ({"marginalEntropyWeight": draw(st.sampled_from([0.0, 1.0, 2.5])), "symmetrised": draw(st.booleans())},
            {"first": draw(probabilities(b, k)), "second": draw(probabilities(b, k))})


@operation("memory-logits")
def memory_logits(draw):
    n, r, d = draw(SIZE), draw(SIZE), draw(SIZE)
    return {"bankTemperature": draw(TEMPERATURE)}, {
        "bank": draw(reals(n, d, most=1.0)), "embeddings": draw(reals(r, d, most=1.0)),
        "logits.cotangent": draw(reals(r, n, most=4.0))}


@operation("bank-entropies")
def bank_entropies(draw):
    return {"bankTemperature": draw(TEMPERATURE)}, {"bank": draw(reals(draw(SIZE), draw(SIZE), most=1.0))}


@operation("cluster-heads")
def cluster_heads(draw):
    h, r, d, k = draw(st.integers(1, 2)), draw(SIZE), draw(SIZE), draw(SIZE)
    return ({"headTemperature": draw(TEMPERATURE), "axis": draw(st.sampled_from(["class", "feature"]))},
            {"embeddings": draw(reals(r, d, most=1.0)), "heads": draw(reals(h, d, k, most=1.0)),
             "probabilities.cotangent": draw(reals(h, r, k, most=4.0))})


@operation("memory-update")
def memory_update(draw):
    n, b, d = draw(SIZE), draw(SIZE), draw(SIZE)
    return ({"bankMomentum": draw(st.sampled_from([0.0, 0.5, 0.9, 1.0])),
             "viewPolicy": draw(st.sampled_from(["second", "first", "mean"]))},
            {"bank": draw(reals(n, d, most=1.0)), "images": draw(wholes(0, n - 1, b)),
             "embeddings": draw(reals(2 * b, d, most=1.0))})


@operation("sgd")
def sgd(draw):
    steps, n = draw(SIZE), draw(SIZE)
    momentum = draw(st.sampled_from([0.0, 0.5, 0.9, 1.0]))
    return ({"rates": draw(st.lists(st.sampled_from([0.0, 0.03, 0.1, 1.0]), min_size=steps, max_size=steps)), "momentum": momentum,
             "nesterov": momentum > 0 and draw(st.booleans()), "weightDecay": draw(st.sampled_from([0.0, 5e-4, 0.5]))},
            {"parameter": draw(reals(n)), "gradients": draw(reals(steps, n)), "velocity": draw(reals(n))})


def schedule(name, kinds, given):
    @operation(name)
    def drawn(draw):
        length = draw(st.integers(1, 1000))
        epochs = draw(st.lists(st.integers(0, length - 1), min_size=1, max_size=10))
        return {**{key: draw(value) for key, value in given.items()}, "schedule": draw(st.sampled_from(kinds)), "length": length,
                "epochs": epochs}, {}


schedule("learning-rate", ["constant", "paper", "paperFromEpoch80", "fractions"], {"base": st.sampled_from([0.03, 0.1, 1.0])})
schedule("entropy-weight", ["paper", "allEpochs", "fractions"],
         {"step": st.sampled_from([0.0, 0.2, 1.0]), "round": st.integers(0, 9)})


@operation("anchor-count")
def anchor_count(draw):
    return {"imageCount": draw(st.integers(1, 10**9)), "rate": draw(st.floats(0.001, 2)),
            "rounds": draw(st.lists(st.integers(0, 1000), min_size=1, max_size=8))}, {}


@operation("cluster-scores")
def cluster_scores(draw):
    k, c, n = draw(SIZE), draw(SIZE), draw(st.integers(1, 30))
    return {"clusters": k, "classes": c}, {"predictions": draw(wholes(0, k - 1, n)), "targets": draw(wholes(0, c - 1, n))}


@operation("top-accuracy")
def top_accuracy(draw):
    r, c = draw(SIZE), draw(SIZE)
    return {"count": draw(st.integers(1, 6))}, {"scores": draw(reals(r, c)), "targets": draw(wholes(0, c - 1, r))}


@operation("model-selection")
def model_selection(draw):
    e, h = draw(SIZE), draw(SIZE)
    return {}, {"losses": draw(reals(e)), "head_losses": draw(reals(e, h))}


@operation("nearest-rows")
def nearest_rows(draw):
    n = draw(st.integers(2, 6))
    return {"k": draw(st.integers(1, n - 1))}, {
        "rows": draw(reals(n, draw(SIZE), most=1.0)), "queries": draw(wholes(0, n - 1, draw(SIZE)))}


@operation("vote-scores")
def vote_scores(draw):
    n, d = draw(SIZE), draw(SIZE)
    return ({"k": draw(st.integers(1, n)), "temperature": draw(TEMPERATURE)},
            {"features": draw(reals(n, d, most=1.0)), "labels": draw(wholes(0, 3, n)),
             "queries": draw(reals(draw(SIZE), d, most=1.0))})


@operation("k-means")
def k_means(draw):
    """Half of the prompts have few different points, each many times: they lie on their centroids."""
    n, d = draw(st.integers(1, 10)), draw(st.integers(1, 3))
    if draw(st.booleans()):
        different = numpy.unique(draw(reals(draw(st.integers(1, 3)), d)), axis=0)
        points = numpy.concatenate([different, different[draw(wholes(0, len(different) - 1, n))]])
        return {}, {"points": points, "centroids": different}
    return {}, {"points": draw(reals(n, d)), "centroids": draw(reals(draw(st.integers(1, min(n, 4))), d))}


@operation("integers")
def integers(draw):
    words = {name: draw(st.integers(0, 2**32 - 1)) for name in ("seed", "epoch", "image", "view")}
    return words | {"purpose": draw(st.integers(0, 6)), "count": draw(st.integers(1, 40)),
                    "bound": draw(st.integers(1, 2**32 - 1))}, {}


def is_right(verdict):
    """Whether nothing is wrong; a tie that the judge calls undecided is not."""
    decided = verdict.theirs != "undecided"
    return not verdict.problem and verdict.theirs != "fail" and (not decided or (verdict.double and verdict.float is not False))


def sweep(program, name, examples):
    """Questions and verdicts of one operation, the last the smallest failure if there is one; and what the witness left out."""
    seen, wrong, left = [], [], []

    @hypothesis.settings(max_examples=examples, derandomize=True, database=None, deadline=None,
                         suppress_health_check=list(hypothesis.HealthCheck), print_blob=False)
    @hypothesis.given(OPERATIONS[name])
    def holds(prompt):
        parameters, inputs = prompt
        try:
            wide = {key: value.astype(numpy.float64) if value.dtype == numpy.float32 else value for key, value in inputs.items()}
            question = sixty_digits(Question(name, parameters, wide, {}))
        except ArithmeticError as error:
            left.append(error)  # a kink or a tie that has no side even in 60 digits
            hypothesis.reject()
        [verdict] = program.ask("properties", [question])
        if not wrong:
            seen.append((question, verdict))
        if not is_right(verdict):
            wrong.append((question, verdict))
            raise AssertionError(name)

    try:
        holds()
    except AssertionError:
        seen[-1] = wrong[-1]
    return seen, len(left)


def run(program, table):
    """All operations."""
    set_hypothesis_home_dir(program.folder / "hypothesis")  # or it leaves a folder beside this file
    peer, left = f"Hypothesis {hypothesis.__version__}, 60 digits of mpmath {mpmath.__version__}", {}
    for name in OPERATIONS:
        seen, left[name] = sweep(program, name, EXAMPLES)
        table.add(peer, *zip(*seen))
    table.notes.append("Hypothesis: prompts that the witness cannot answer, for a difference there meets a kink: "
                       + (", ".join(f"{name} {count}" for name, count in left.items() if count) or "none") + ".")
