"""Area op: batch norm, channel by channel, with its running statistics.

<g, y> = sum_j g_j (weight (x_j - m) / sqrt(v + epsilon) + bias) depends on the numbers of a channel through the sums
of x, x^2 and g x alone, so moving one number updates three sums; m and v are worked out from them anew each time. At
the numbers themselves the sum over all j must give the same value.
"""
import math

import mpmath
import numpy
from mpmath import mp

from .arithmetic import dot, float64, gradient, matrix, self_check, step_for, total, vector


class Channel:
    """One channel of a batch: its numbers, its parameters and the cotangent."""

    def __init__(self, x, g, weight, bias, epsilon, statistics=None, rectified=False):
        self.x, self.weight, self.bias, self.epsilon = x, weight, bias, epsilon
        self.statistics = statistics
        m, v = self.moments(total(x), dot(x, x))
        self.mean, self.variance = m, v
        self.y = self.normalised(weight, bias)
        # A rectifier that is well above or below zero is the constant 1 or 0 around the given numbers.
        if rectified:
            g = [c if y > 0 else c * 0 for c, y in zip(g, self.y)]
            self.y = [max(y, y * 0) for y in self.y]
        self.g = g

    def moments(self, first, second):
        """Mean and biased variance from sum x and sum x^2; the running ones in evaluation."""
        if self.statistics:
            return self.statistics
        mean = first / len(self.x)
        return mean, second / len(self.x) - mean * mean

    def normalised(self, weight, bias):
        """weight (x - m) / sqrt(v + epsilon) + bias."""
        deviation = mp.sqrt(self.variance + self.epsilon)
        return [weight * (x - self.mean) / deviation + bias for x in self.x]

    def input_gradient(self):
        """By differences of <g, y>."""
        sums = total(self.x), dot(self.x, self.x), dot(self.g, self.x)
        mass = total(self.g)
        step = step_for(self.x)

        def product(i, change):
            x = self.x[i]
            mean, variance = self.moments(sums[0] + change, sums[1] + (x + change) ** 2 - x**2)
            weighted = sums[2] + self.g[i] * change
            return self.weight * (weighted - mean * mass) / mp.sqrt(variance + self.epsilon) + self.bias * mass

        whole, parts = product(0, step * 0), dot(self.g, self.y)
        if abs(whole - parts) > mp.mpf(10) ** -35 * (1 + total([abs(a * b) for a, b in zip(self.g, self.y)])):
            raise ArithmeticError(f"<g, y> is {mpmath.nstr(whole, 30)} by sums and {mpmath.nstr(parts, 30)} by parts")
        return [(product(i, step) - product(i, -step)) / (2 * step) for i in range(len(self.x))]

    def parameter_gradients(self):
        """By the weight and by the bias; the rectifier's part is in g."""
        return gradient(lambda p: dot(self.g, self.normalised(p[0], p[1])), [self.weight, self.bias])


def channels(array):
    """batch x C x H x W -> C lists, in the order batch, H, W."""
    return matrix(numpy.moveaxis(array, 1, 0).reshape(array.shape[1], -1))


def maps(lists, shape):
    """The reverse of channels, rounded."""
    batch, count, height, width = shape
    return numpy.moveaxis(float64(lists).reshape(count, batch, height, width), 0, 1)


def moved(old, new, momentum):
    """(1 - momentum) old + momentum new."""
    return [(1 - momentum) * a + momentum * b for a, b in zip(old, new)]


def normalise(x, g, state, training, epsilon, rectified=False):
    """All channels of one batch, and the running statistics after it; state: weight, bias, mean, variance, momentum."""
    weight, bias, mean, variance, momentum = state
    done = [Channel(xc, gc, weight[c], bias[c], epsilon, None if training else (mean[c], variance[c]), rectified)
            for c, (xc, gc) in enumerate(zip(x, g))]
    if training:
        n = len(x[0])
        mean = moved(mean, [c.mean for c in done], momentum)
        variance = moved(variance, [c.variance * n / (n - 1) for c in done], momentum)
    return done, mean, variance


def read_state(prompt):
    """weight, bias, mean, variance, momentum."""
    names = ("weight", "bias", "runningMean", "runningVariance")
    return [vector(prompt[name]) for name in names] + [prompt.real("momentum", 0.1)]


def batch_norm(prompt):
    """y, all gradients, and the running statistics."""
    shape = prompt["x"].shape
    done, mean, variance = normalise(
        channels(prompt["x"]), channels(prompt["y.cotangent"]), read_state(prompt),
        prompt.parameter("mode", "training") == "training", prompt.real("epsilon", 1e-5),
        prompt.parameter("rectified", False))
    parameters = [channel.parameter_gradients() for channel in done]
    return {
        "y": maps([channel.y for channel in done], shape),
        "x.gradient": maps([channel.input_gradient() for channel in done], shape),
        "weight.gradient": float64([p[0] for p in parameters]), "bias.gradient": float64([p[1] for p in parameters]),
        "runningMean.new": float64(mean), "runningVariance.new": float64(variance),
    }


def batch_norm_sequence(prompt):
    """One batch after the other."""
    epsilon, state = prompt.real("epsilon", 1e-5), read_state(prompt)
    y, means, variances = [], [], []
    for x, mode in zip(prompt["x"], prompt.parameter("modes")):
        lists = channels(x)
        done, state[2], state[3] = normalise(lists, lists, state, mode == "training", epsilon)
        y.append(maps([channel.y for channel in done], x.shape))
        means.append(float64(state[2]))
        variances.append(float64(state[3]))
    return {"y": numpy.stack(y), "runningMeans": numpy.stack(means), "runningVariances": numpy.stack(variances)}


OPERATIONS = {"batch-norm": batch_norm, "batch-norm-sequence": batch_norm_sequence}


def checks():
    """Two numbers, -1 and 1 around 5, with epsilon 3: the deviation is 2."""
    from .files import Prompt
    one = numpy.ones(1)
    inputs = {"x": numpy.array([4.0, 6.0]).reshape(2, 1, 1, 1), "weight": 3 * one, "bias": one, "runningMean": 2 * one,
              "runningVariance": one, "y.cotangent": numpy.array([1.0, 0.0]).reshape(2, 1, 1, 1)}
    answer = batch_norm(Prompt("batch-norm", {"epsilon": 3, "momentum": 0.25}, inputs))
    cut = batch_norm(Prompt("batch-norm", {"epsilon": 3, "rectified": True}, inputs))
    both = batch_norm_sequence(Prompt(
        "batch-norm-sequence", {"epsilon": 3, "momentum": 0.25, "modes": ["training", "evaluation"]},
        inputs | {"x": numpy.stack([inputs["x"]] * 2)}))
    return [
        ("the first is cut", [cut["y"].ravel().tolist(), cut["bias.gradient"].tolist()], [[0.0, 2.5], [0.0]]),
        ("the second batch by the first's statistics", float(both["y"][1, 0, 0, 0, 0]), 1 + 3 * 1.25 / math.sqrt(4.25)),
        ("which stay", both["runningMeans"].tolist(), [[2.75], [2.75]]),
        ("1 -+ 3 / 2", answer["y"].ravel().tolist(), [-0.5, 2.5]),
        ("running mean", float(answer["runningMean.new"][0]), 0.75 * 2 + 0.25 * 5),
        ("running variance, over n - 1", float(answer["runningVariance.new"][0]), 0.75 + 0.25 * 2),
        # y_1 = 1 - 3 d / sqrt(d^2 + 3) with d = (x_2 - x_1) / 2: its derivative by d is -3 * 3 / 8.
        ("gradient", answer["x.gradient"].ravel().tolist(), [9 / 16, -9 / 16]),
        ("gradients of the parameters", [answer["weight.gradient"][0], answer["bias.gradient"][0]], [-0.5, 1.0]),
    ]


if __name__ == "__main__":
    self_check(checks())
