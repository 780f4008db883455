"""Single operations, forward and backward in one answer."""
import math

import torch
import torch.nn.functional as F
from tsuc_port.settings import is_training

from ..networks import Sobel, unit_rows
from ..precision import backward
from ..registry import operation
from ..tape import Tape


def pull_back(prompt, y, **variables):
    """The output y and, for the prompt's cotangent of y, the gradient of every variable."""
    backward(y, variables.values(), prompt.tensor("y.cotangent"))
    return {"y": y} | {name + ".gradient": variable.grad for name, variable in variables.items()}


def variables(prompt, *names):
    """Those of the inputs that are given, as variables."""
    return {name: prompt.variable(name) for name in names if name in prompt}


@operation("matrix-product")
def matrix_product(prompt):
    v = variables(prompt, "a", "b")
    a = v["a"].T if prompt.parameter("transposeA", False) else v["a"]
    b = v["b"].T if prompt.parameter("transposeB", False) else v["b"]
    y = torch.addmm(prompt.tensor("c"), a, b) if prompt.parameter("accumulate", False) else a @ b
    return pull_back(prompt, y, **v)


@operation("linear")
def linear(prompt):
    v = variables(prompt, "x", "weight", "bias")
    return pull_back(prompt, F.linear(v["x"], v["weight"], v["bias"]), **v)


@operation("convolution")
def convolution(prompt):
    v = variables(prompt, "x", "weight", "bias")
    y = F.conv2d(v["x"], v["weight"], v.get("bias"), prompt.parameter("stride", 1), prompt.parameter("padding", 0))
    return pull_back(prompt, y, **v)


def moments(x):
    """The mean and the variance of every channel of a batch."""
    x = x.detach()
    return {"mean": x.mean((0, 2, 3)), "variance": x.var((0, 2, 3), correction=0)}


def batch_norm_settings(prompt):
    return {"eps": prompt.parameter("epsilon", 1e-5), "momentum": prompt.parameter("momentum", 0.1)}


@operation("batch-norm")
def batch_norm(prompt):
    v = variables(prompt, "x", "weight", "bias")
    mean, variance = prompt.tensor("runningMean"), prompt.tensor("runningVariance")
    training, settings = is_training(prompt), batch_norm_settings(prompt)
    noted = moments(v["x"]) if training else {}
    noted["normalised"] = F.batch_norm(v["x"].detach(), mean.clone(), variance.clone(), None, None, training, **settings)
    y = F.batch_norm(v["x"], mean, variance, v["weight"], v["bias"], training, **settings)
    y = F.relu(y) if prompt.parameter("rectified", False) else y
    return pull_back(prompt, y, **v) | {"runningMean.new": mean, "runningVariance.new": variance} | noted


@operation("batch-norm-sequence")
def batch_norm_sequence(prompt):
    mean, variance = prompt.tensor("runningMean"), prompt.tensor("runningVariance")
    outputs = {"y": [], "runningMeans": [], "runningVariances": []}
    for x, mode in zip(prompt.tensor("x"), prompt.parameter("modes"), strict=True):
        y = F.batch_norm(
            x, mean, variance, prompt.tensor("weight"), prompt.tensor("bias"), mode == "training",
            **batch_norm_settings(prompt))
        for name, tensor in zip(outputs, (y, mean, variance)):
            outputs[name].append(tensor.clone())
    return {name: torch.stack(tensors) for name, tensors in outputs.items()}


@operation("relu")
def relu(prompt):
    v = variables(prompt, "x", "residual")
    total = sum(v.values())
    return pull_back(prompt, F.relu(total), **v) | ({"sum": total} if "residual" in v else {})


@operation("global-average-pool")
def global_average_pool(prompt):
    v = variables(prompt, "x")
    return pull_back(prompt, F.adaptive_avg_pool2d(v["x"], 1).flatten(1), **v)


@operation("l2-normalisation")
def l2_normalisation(prompt):
    v = variables(prompt, "x")
    y = unit_rows(v["x"], prompt.parameter("epsilon", 1e-12))
    noted = {"norms": torch.linalg.vector_norm(v["x"], dim=1), "along": (y * prompt.tensor("y.cotangent")).sum(1)}
    return pull_back(prompt, y, **v) | noted


def present(prompt, x):
    """The logits with those that are absent at minus infinity, which is a constant."""
    return x.masked_fill(prompt.indices("absent") == 1, -math.inf) if "absent" in prompt else x


@operation("softmax-of-rows")
def softmax(prompt):
    v = variables(prompt, "x")
    x = present(prompt, v["x"])
    y = x.softmax(1)
    noted = {"log-sum-exp": x.logsumexp(1), "means": (y * prompt.tensor("y.cotangent")).sum(1)}
    return pull_back(prompt, y, **v) | noted


@operation("log-softmax-of-rows")
def log_softmax(prompt):
    v = variables(prompt, "x")
    y = v["x"].log_softmax(1)
    return pull_back(prompt, y, **v) | {"log-sum-exp": v["x"].logsumexp(1), "probabilities": y.exp()}


@operation("log-sum-exp-of-rows")
def log_sum_exp(prompt):
    v = variables(prompt, "x")
    return pull_back(prompt, present(prompt, v["x"]).logsumexp(1), **v)


@operation("entropy-of-rows")
def entropy(prompt):
    v = variables(prompt, "x")
    log_p = v["x"].log_softmax(1)
    p = log_p.exp()
    return pull_back(prompt, -(p * log_p).sum(1), **v) | {"log-sum-exp": v["x"].logsumexp(1), "probabilities": p}


@operation("sobel")
def sobel(prompt):
    tape, v = Tape(), variables(prompt, "x")
    return pull_back(prompt, Sobel(v["x"].shape[1])(v["x"], tape), **v) | tape.outputs()
