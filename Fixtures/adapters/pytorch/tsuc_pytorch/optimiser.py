"""torch.optim.SGD with the corpus' constants and its velocities put in and taken out."""
import torch
from tsuc_port.settings import DescentSettings


def sgd(parameters, prompt, rate):
    """The optimiser of {momentum, nesterov, weightDecay}; "NAME.velocity" of every parameter, if given, is its memory."""
    momentum, nesterov, decay = DescentSettings.of(prompt)
    optimiser = torch.optim.SGD(parameters.values(), rate, momentum, nesterov=nesterov, weight_decay=decay)
    for name, parameter in parameters.items():
        if name + ".velocity" in prompt:
            optimiser.state[parameter]["momentum_buffer"] = prompt.tensor(name + ".velocity")
    return optimiser


def step(optimiser, parameters):
    """One step; returns every velocity after it."""
    group = optimiser.param_groups[0]
    # Without momentum torch keeps no buffer, and the velocity is the gradient with its decay.
    decayed = {n: p.grad + group["weight_decay"] * p.detach() for n, p in parameters.items() if not group["momentum"]}
    optimiser.step()
    return decayed or {name: optimiser.state[p]["momentum_buffer"].clone() for name, p in parameters.items()}
