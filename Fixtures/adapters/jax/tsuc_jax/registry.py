"""The operations that JAX answers, and the one way in which they are compiled and differentiated."""
import functools

import jax
from tsuc_port import FRAMEWORK_FREE, Registry

ANSWERS = Registry(FRAMEWORK_FREE)
operation = ANSWERS.operation


@functools.cache
def compiled(function, settings=()):
    """A function with its settings put in as constants, compiled once for each of its shapes."""
    return jax.jit(functools.partial(function, **dict(settings)))


def call(function, *arrays, **settings):
    """Calls a compiled function; settings are what it is compiled for: numbers, texts, tuples."""
    return compiled(function, tuple(settings.items()))(*arrays)


@functools.cache
def pulling_back(function, settings):
    """function(variables, constants) and the gradient of its output with respect to the variables."""
    def run(variables, constants, cotangent):
        y, pull_back = jax.vjp(lambda v: function(v, constants, **dict(settings)), variables)
        return y, pull_back(cotangent)[0]
    return jax.jit(run)


def pull_back(function, variables, constants, cotangent, **settings):
    """The output, and {"NAME.gradient"} of every variable for a cotangent of the output."""
    y, gradients = pulling_back(function, tuple(settings.items()))(variables, constants, cotangent)
    return y, {name + ".gradient": gradient for name, gradient in gradients.items()}


@functools.cache
def differentiated(function, settings):
    """function(variables, constants) → (loss, further outputs), and the gradient of the loss."""
    return jax.jit(jax.value_and_grad(functools.partial(function, **dict(settings)), has_aux=True))


def differentiate(function, variables, constants, **settings):
    """The loss, the further outputs, and {"NAME.gradient"} of every variable."""
    (loss, others), gradients = differentiated(function, tuple(settings.items()))(variables, constants)
    return loss, others, {name + ".gradient": gradient for name, gradient in gradients.items()}
