"""Steps of stochastic gradient descent on one tensor."""
import torch

from .. import optimiser
from ..registry import operation


@operation("sgd")
def sgd(prompt):
    parameters = {"parameter": prompt.variable("parameter")}
    descent = optimiser.sgd(parameters, prompt, rate=0.0)
    if "velocity" in prompt:
        descent.state[parameters["parameter"]]["momentum_buffer"] = prompt.tensor("velocity")
    decay = descent.param_groups[0]["weight_decay"]
    values, velocities, decayed = [], [], []
    for rate, gradient in zip(prompt.parameter("rates"), prompt.tensor("gradients")):
        descent.param_groups[0]["lr"] = rate
        parameters["parameter"].grad = gradient.clone()
        decayed.append(gradient + decay * parameters["parameter"].detach())
        velocities.append(optimiser.step(descent, parameters)["parameter"])
        values.append(parameters["parameter"].detach().clone())
    outputs = {"parameters": values, "velocities": velocities, "decayed": decayed}
    return {name: torch.stack(tensors) for name, tensors in outputs.items()}
