"""Single operations, forward and backward in one answer."""
import jax
import jax.numpy as jnp
from tsuc_port.settings import DescentSettings, is_training

from .. import layers
from ..losses import entropy_of_rows
from ..registry import call, operation, pull_back
from ..steps import descend


def answer(prompt, function, *names, constants=None, **settings):
    """The output y and, for the prompt's cotangent of y, the gradient of every input that is given."""
    variables = {name: prompt.real(name) for name in names if name in prompt}
    y, gradients = pull_back(function, variables, constants or {}, prompt.real("y.cotangent"), **settings)
    return {"y": y} | gradients


def product(v, c, transpose_a, transpose_b):
    y = (v["a"].T if transpose_a else v["a"]) @ (v["b"].T if transpose_b else v["b"])
    return y + c["c"] if c else y


@operation("matrix-product")
def matrix_product(prompt):
    constants = {"c": prompt.real("c")} if prompt.parameter("accumulate", False) else {}
    return answer(prompt, product, "a", "b", constants=constants, transpose_a=prompt.parameter("transposeA", False),
                  transpose_b=prompt.parameter("transposeB", False))


@operation("linear")
def linear(prompt):
    return answer(prompt, affine, "x", "weight", "bias")


def affine(v, _):
    return v["x"] @ v["weight"].T + v["bias"]


def convolved(v, _, stride, padding):
    y = layers.convolution(v["x"], v["weight"], stride, padding)
    return y + layers.per_channel(v["bias"]) if "bias" in v else y


@operation("convolution")
def convolution(prompt):
    return answer(prompt, convolved, "x", "weight", "bias", stride=prompt.parameter("stride", 1),
                  padding=prompt.parameter("padding", 0))


def normalised(v, statistics, training, epsilon, rectified=False):
    mean, variance = layers.moments(v["x"]) if training else statistics
    y = layers.standardised(v["x"], mean, variance, v["weight"], v["bias"], epsilon)
    return layers.relu(y) if rectified else y


def after(x, statistics, training, momentum):
    """The running statistics after a batch."""
    return layers.running(statistics, *layers.moments(x), x.size // x.shape[1], momentum) if training else statistics


@operation("batch-norm")
def batch_norm(prompt):
    statistics = prompt.real("runningMean"), prompt.real("runningVariance")
    training = is_training(prompt)
    outputs = answer(
        prompt, normalised, "x", "weight", "bias", constants=statistics, training=training,
        epsilon=prompt.parameter("epsilon", 1e-5), rectified=prompt.parameter("rectified", False))
    momentum = prompt.parameter("momentum", 0.1)
    mean, variance = call(after, prompt.real("x"), statistics, training=training, momentum=momentum)
    return outputs | {"runningMean.new": mean, "runningVariance.new": variance}


@operation("batch-norm-sequence")
def batch_norm_sequence(prompt):
    affine = {name: prompt.real(name) for name in ("weight", "bias")}
    statistics = prompt.real("runningMean"), prompt.real("runningVariance")
    epsilon, momentum = prompt.parameter("epsilon", 1e-5), prompt.parameter("momentum", 0.1)
    steps = []
    for x, mode in zip(prompt.real("x"), prompt.parameter("modes"), strict=True):
        training = mode == "training"
        y = call(normalised, affine | {"x": x}, statistics, training=training, epsilon=epsilon)
        statistics = call(after, x, statistics, training=training, momentum=momentum)
        steps.append((y, *statistics))
    return dict(zip(("y", "runningMeans", "runningVariances"), map(jnp.stack, zip(*steps))))


def rectified(v, _):
    return layers.relu(sum(v.values()))


@operation("relu")
def relu(prompt):
    return answer(prompt, rectified, "x", "residual")


def unit(v, _, epsilon):
    return layers.unit_rows(v["x"], epsilon)


@operation("l2-normalisation")
def l2_normalisation(prompt):
    return answer(prompt, unit, "x", epsilon=prompt.parameter("epsilon", 1e-12))


def present(function):
    """A function of logits, of which those that are absent are −∞ and constants."""
    def run(v, absent):
        return function(jnp.where(absent["absent"] == 1, -jnp.inf, v["x"]) if absent else v["x"])
    return run


OF_X = {
    "softmax-of-rows": jax.nn.softmax, "log-softmax-of-rows": jax.nn.log_softmax, "entropy-of-rows": entropy_of_rows,
    "log-sum-exp-of-rows": lambda x: jax.nn.logsumexp(x, axis=1), "global-average-pool": layers.pool,
    "sobel": layers.sobel,
}


def register(name, function):
    """An operation of x, and for logits of what is absent."""
    @operation(name)
    def run(prompt):
        absent = {"absent": prompt.whole("absent")} if "absent" in prompt else {}
        return answer(prompt, function, "x", constants=absent)


for name, function in OF_X.items():
    register(name, present(function))


def descended(parameter, velocity, gradients, rates, settings):
    def step(state, now):
        (parameter, velocity), (gradient, rate) = state, now
        state = descend(settings, rate, parameter, gradient, velocity)
        return state, state
    return jax.lax.scan(step, (parameter, velocity), (gradients, rates))[1]


@operation("sgd")
def sgd(prompt):
    parameter, settings = prompt.real("parameter"), DescentSettings.of(prompt)
    velocity = prompt.real("velocity") if "velocity" in prompt else parameter * 0
    rates = prompt.reals(prompt.parameter("rates"))
    parameters, velocities = call(descended, parameter, velocity, prompt.real("gradients"), rates, settings=settings)
    return {"parameters": parameters, "velocities": velocities}
