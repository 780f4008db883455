"""Area op: operations row by row (normalisation, softmax and what belongs to it), and the rectifier."""
import mpmath
import numpy
from mpmath import mpf

from .arithmetic import digits_for, dot, exp, float64, gradient, length, log, matrix, self_check, total, vector


def softmax(row):
    """exp(x_j) / sum exp(x_k); an absent entry counts as -infinity."""
    exponentials = [exp(x) for x in row]
    whole = total(exponentials)
    return [e / whole for e in exponentials]


def log_softmax(row):
    """x_j - log sum exp(x_k)."""
    whole = log_sum_exp(row)
    return [x - whole for x in row]


def log_sum_exp(row):
    """log sum exp(x_k): a number of any size has its exponential here."""
    return log(total([exp(x) for x in row]))


def entropy(row):
    """-sum p ln p of the softmax; no p is lost with the digits of its spread, and a single entry has 1 ln 1 = 0."""
    return -total([p * log(p) for p in softmax(row)])


def by_rows(function, returns_row):
    """The operation that applies a function to every row; its gradient by differences, absent entries excepted."""

    def operation(prompt):
        x = matrix(prompt["x"])
        if "absent" in prompt:
            x = [[mpf("-inf") if gone else number for number, gone in zip(*rows)] for rows in zip(x, prompt["absent"])]
        cotangents = matrix(prompt["y.cotangent"].reshape(len(x), -1))
        y, gradients = [], []
        for row, g in zip(x, cotangents):
            with digits_for(*row):
                value = function(row)
                y.append(value)
                scalar = (lambda r: dot(g, function(r))) if returns_row else (lambda r: g[0] * function(r))
                gradients.append(gradient(scalar, row, [i for i in range(len(row)) if mpmath.isfinite(row[i])]))
        return {"y": float64(y), "x.gradient": float64(gradients)}

    return operation


def normalised(row, epsilon):
    """x / max(|x|, epsilon)."""
    divisor = max(length(row), epsilon)
    return [x / divisor for x in row]


def l2_normalisation(prompt):
    """Row by row; a row of zeros has the gradient 0 by definition."""
    epsilon = prompt.real("epsilon", 1e-12)
    y, gradients = [], []
    for row, g in zip(matrix(prompt["x"]), matrix(prompt["y.cotangent"])):
        y.append(normalised(row, epsilon))
        gradients.append(
            gradient(lambda r: dot(g, normalised(r, epsilon)), row) if any(row) else [row[0] * 0] * len(row))
    return {"y": float64(y), "x.gradient": float64(gradients)}


def relu(prompt):
    """max(0, x) or max(0, x + residual); element by element, and by definition without gradient at 0."""
    x, g, shape = vector(prompt["x"]), vector(prompt["y.cotangent"]), prompt["x"].shape
    residual = vector(prompt["residual"]) if "residual" in prompt else [x[0] * 0] * len(x)
    y = [max(a + b, a * 0) for a, b in zip(x, residual)]
    slopes = [[a * 0, a * 0] if a + b == 0 else gradient(lambda p: c * max(p[0] + p[1], p[0] * 0), [a, b])
              for a, b, c in zip(x, residual, g)]
    answer = {"y": float64(y, shape), "x.gradient": float64([s[0] for s in slopes], shape)}
    if "residual" in prompt:
        answer["residual.gradient"] = float64([s[1] for s in slopes], shape)
    return answer


OPERATIONS = {
    "softmax-of-rows": by_rows(softmax, True), "log-softmax-of-rows": by_rows(log_softmax, True),
    "log-sum-exp-of-rows": by_rows(log_sum_exp, False), "entropy-of-rows": by_rows(entropy, False),
    "l2-normalisation": l2_normalisation, "relu": relu,
}


def checks():
    """Rows by hand."""
    from .files import Prompt
    zeros = numpy.zeros((1, 2))
    even = OPERATIONS["softmax-of-rows"](Prompt("softmax-of-rows", {}, {
        "x": zeros, "y.cotangent": numpy.array([[1.0, 0.0]])}))
    whole = OPERATIONS["log-sum-exp-of-rows"](Prompt("log-sum-exp-of-rows", {}, {
        "x": numpy.array([[1000.0, 7.0, 1000.0]]), "absent": numpy.array([[0, 1, 0]]),
        "y.cotangent": numpy.array([3.0])}))
    unit = l2_normalisation(Prompt("l2-normalisation", {}, {
        "x": numpy.array([[3.0, 4.0]]), "y.cotangent": numpy.array([[1.0, 0.0]])}))
    kink = relu(Prompt("relu", {}, {"x": numpy.array([0.0, 2.0, 3.0]), "residual": numpy.array([0.0, -3.0, -1.0]),
                                    "y.cotangent": numpy.array([5.0, 5.0, 5.0])}))
    return [
        ("rectified sums", kink["y"].tolist(), [0.0, 0.0, 2.0]),
        ("no gradient at 0", [kink["x.gradient"].tolist(), kink["residual.gradient"].tolist()], [[0.0, 0.0, 5.0]] * 2),
        ("ln 2 of two equal ones", float(entropy([mpf(3), mpf(3)])), 0.6931471805599453),
        ("-ln 2 each", [float(x) for x in log_softmax([mpf(3), mpf(3)])], [-0.6931471805599453] * 2),
        ("softmax of equal numbers", even["y"].tolist(), [[0.5, 0.5]]),
        ("p (1 - p) and -p p", even["x.gradient"].tolist(), [[0.25, -0.25]]),
        ("log of 2 e^1000", float(whole["y"][0]), 1000.6931471805599),
        ("its gradient", whole["x.gradient"].tolist(), [[1.5, 0.0, 1.5]]),
        ("3, 4, 5", unit["y"].tolist(), [[0.6, 0.8]]),
        ("(1 - 0.36) / 5", float(unit["x.gradient"][0, 0]), 0.128),
    ]


if __name__ == "__main__":
    self_check(checks())
