"""The encoder as a function of its parameters, which are a dictionary by PyTorch's names."""
import jax.numpy as jnp
from tsuc_port.settings import is_training

from .layers import convolution, moments, pool, relu, running, sobel, standardised, unit_rows


def read(prompt, shapes):
    """Parameters and running statistics of a prompt, and whether batch norms use the batch's statistics."""
    parameters = {name: prompt.real(name) for name in shapes}
    for name, shape in shapes.items():
        if parameters[name].shape != shape:
            raise ValueError(f"{name} has the shape {parameters[name].shape}, not {shape}")
    norms = [name.removesuffix("bias") for name in shapes if name.endswith("bias") and name != "linear.bias"]
    statistics = {norm + part: prompt.real(norm + part) for norm in norms for part in ("running_mean", "running_var")}
    return parameters, statistics, is_training(prompt)


class Network:
    """Parameters, running statistics, mode and tape of one forward pass."""

    def __init__(self, parameters, statistics, training, tape):
        self.parameters, self.statistics, self.training, self.tape = parameters, statistics, training, tape

    def convolution(self, name, x, stride=1):
        weight = self.parameters[name + ".weight"]
        return self.tape.keep(name + ".output", convolution(x, weight, stride, weight.shape[-1] // 2))

    def batch_norm(self, name, x):
        old = self.statistics[name + ".running_mean"], self.statistics[name + ".running_var"]
        mean, variance = old
        if self.training:
            mean, variance = moments(x)
            self.tape.keep(name + ".mean", mean, gradient=False)
            self.tape.keep(name + ".variance", variance, gradient=False)
            new = running(old, mean, variance, x.size // x.shape[1])
            self.tape.statistics[name + ".running_mean"], self.tape.statistics[name + ".running_var"] = new
        return standardised(x, mean, variance, self.parameters[name + ".weight"], self.parameters[name + ".bias"])

    def block(self, name, x, stride):
        """Two convolutions, and a way around them that projects only where the shape changes."""
        tape = self.tape
        wide = self.convolution(name + "conv1", tape.watch(name + "conv1.input", x), stride)
        hidden = tape.keep(name + "bn1.output", relu(self.batch_norm(name + "bn1", wide)))
        branch = self.batch_norm(name + "bn2", self.convolution(name + "conv2", hidden))
        tape.keep(name + "bn2.output", branch, gradient=False)
        if name + "shortcut.0.weight" in self.parameters:
            x = self.convolution(name + "shortcut.0", tape.watch(name + "shortcut.0.input", x), stride)
            x = tape.keep(name + "shortcut.1.output", self.batch_norm(name + "shortcut.1", x), gradient=False)
        return tape.keep(name + "output", relu(tape.watch(name + "sum", branch + x)))

    def trunk(self, prefix, x, layout):
        x = self.convolution(prefix + "conv1", x, layout.stem_stride)
        x = self.tape.keep(prefix + "bn1.output", relu(self.batch_norm(prefix + "bn1", x)))
        for name, _, _, stride in layout.stages():
            x = self.block(prefix + name, x, stride)
        return self.tape.keep(prefix + "pool.output", pool(x))

    def encoder(self, images, layout):
        pools = []
        for s, kind in enumerate(layout.streams):
            x = images
            if kind == "sobel":
                x = self.tape.keep(layout.prefix(s) + "sobel", sobel(images), gradient=False)
            pools.append(self.trunk(layout.prefix(s), x, layout))
        features = pools[0] if len(pools) == 1 else self.tape.keep("features", jnp.concatenate(pools, 1))
        linear = features @ self.parameters["linear.weight"].T + self.parameters["linear.bias"]
        return self.tape.keep("embeddings", unit_rows(self.tape.keep("linear.output", linear)))
