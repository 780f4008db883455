"""Independent check values for the layers, the optimiser and the encoder, computed by PyTorch in float64.

Writes Fixtures/networks/*.json; each file states the program, PyTorch's version and the seed.
Run from the package's root:  python Fixtures/witness/networks.py
"""
import json
import os

import torch
from torch import nn
import torch.nn.functional as F

SEED = 20
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "networks")
torch.set_default_dtype(torch.float64)


def array(tensor):
    return {"shape": list(tensor.shape), "values": tensor.detach().flatten().tolist()}


def store(name, **content):
    provenance = {"program": "Fixtures/witness/networks.py", "torch": torch.__version__, "seed": SEED, "dtype": "float64"}
    path = os.path.join(FOLDER, name + ".json")
    with open(path, "w") as file:
        json.dump({"provenance": provenance, **content}, file, separators=(",", ":"))
        file.write("\n")
    size = os.path.getsize(path)
    assert size < 50_000, (name, size)
    print(f"{name}: {size} bytes")


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        branch = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(branch + self.shortcut(x))


class Trunk(nn.Module):
    def __init__(self, inputs, widths, blocks, strides, stem_stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, widths[0], 3, stem_stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        channels = widths[0]
        self.stages = len(widths)
        for s, (width, count, stride) in enumerate(zip(widths, blocks, strides)):
            stage = []
            for b in range(count):
                stage.append(Block(channels, width, stride if b == 0 else 1))
                channels = width
            setattr(self, f"layer{s + 1}", nn.Sequential(*stage))

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        for s in range(self.stages):
            x = getattr(self, f"layer{s + 1}")(x)
        return x.mean((2, 3))


class Sobel(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.grey = nn.Conv2d(channels, 1, 1)
        self.edges = nn.Conv2d(1, 2, 3, padding=1)
        kernel = torch.tensor([[[[1, 0, -1], [2, 0, -2], [1, 0, -1]]], [[[1, 2, 1], [0, 0, 0], [-1, -2, -1]]]])
        with torch.no_grad():
            self.grey.weight.fill_(1 / channels)
            self.grey.bias.zero_()
            self.edges.weight.copy_(kernel.double())
            self.edges.bias.zero_()
        for parameter in self.parameters():
            parameter.requires_grad_(False)

    def forward(self, x):
        return self.edges(self.grey(x))


class Encoder(nn.Module):
    def __init__(self, channels, widths, blocks, strides, stem_stride, size):
        super().__init__()
        self.sobel = Sobel(channels)
        self.streams = nn.ModuleList([
            Trunk(channels, widths, blocks, strides, stem_stride), Trunk(2, widths, blocks, strides, stem_stride)])
        self.linear = nn.Linear(2 * widths[-1], size)

    def forward(self, x):
        features = torch.cat([self.streams[0](x), self.streams[1](self.sobel(x))], 1)
        return F.normalize(self.linear(features), dim=1, eps=1e-12)


def values(module, only=""):
    """Parameters and buffers by name, without PyTorch's step counters and the fixed Sobel filter."""
    return {k: array(v) for k, v in module.state_dict().items()
            if only in k and "num_batches" not in k and not k.startswith("sobel")}


def gradients(module):
    return {k: array(v.grad) for k, v in module.named_parameters() if v.grad is not None}


def batch_norm():
    module = nn.BatchNorm2d(3)
    with torch.no_grad():
        module.weight.normal_()
        module.bias.normal_()
    initial = values(module)
    steps = []
    for mode in ["training", "training", "evaluation"]:
        module.train(mode == "training")
        module.zero_grad()
        x = (torch.randn(4, 3, 5, 3) * 2 + 1).requires_grad_()
        cotangent = torch.randn(4, 3, 5, 3)
        y = module(x)
        y.backward(cotangent)
        steps.append({
            "mode": mode, "input": array(x), "cotangent": array(cotangent), "output": array(y),
            "inputGradient": array(x.grad), "gradients": gradients(module), "after": values(module)})
    store("batch-norm", initial=initial, steps=steps)


def sgd():
    cases = []
    for nesterov in [True, False]:
        parameter = nn.Parameter(torch.randn(7))
        optimiser = torch.optim.SGD([parameter], lr=1, momentum=0.9, weight_decay=5e-4, nesterov=nesterov)
        steps = []
        initial = array(parameter)
        for rate in [0.3, 0.3, 0.03]:
            parameter.grad = torch.randn(7)
            optimiser.param_groups[0]["lr"] = rate
            gradient = array(parameter.grad)
            optimiser.step()
            velocity = array(optimiser.state[parameter]["momentum_buffer"])
            steps.append({"rate": rate, "gradient": gradient, "value": array(parameter), "velocity": velocity})
        cases.append({"nesterov": nesterov, "initial": initial, "steps": steps})
    store("sgd", cases=cases)


def block():
    cases = []
    for inputs, outputs, stride in [(2, 2, 1), (2, 3, 2)]:
        module = Block(inputs, outputs, stride)
        initial = values(module)
        x = torch.randn(3, inputs, 5, 4, requires_grad=True)
        y = module(x)
        cotangent = torch.randn_like(y)
        y.backward(cotangent)
        cases.append({
            "inputChannels": inputs, "outputChannels": outputs, "stride": stride, "initial": initial, "input": array(x),
            "cotangent": array(cotangent), "output": array(y), "inputGradient": array(x.grad),
            "gradients": gradients(module), "after": values(module)})
    store("residual-block", cases=cases)


def encoder():
    module = Encoder(3, [2, 3], [1, 2], [1, 2], 1, 4)
    with torch.no_grad():
        for parameter in module.streams.parameters():  # short decimals keep the file small
            parameter.copy_((parameter + 0.1 * torch.randn_like(parameter)).round(decimals=3))
    initial = values(module)
    x = torch.randn(4, 3, 6, 5).round(decimals=3).requires_grad_()
    y = module(x)
    cotangent = torch.randn_like(y)
    y.backward(cotangent)
    after = values(module, only="running")
    module.eval()
    store("encoder", initial=initial, input=array(x), cotangent=array(cotangent), output=array(y),
          inputGradient=array(x.grad), gradients=gradients(module), after=after, evaluation=array(module(x)))


def defaults():
    paper = Encoder(3, [64, 128, 256, 512], [2, 2, 2, 2], [1, 2, 2, 2], 1, 128)
    bounds = {}
    for name, parameter in paper.named_parameters():
        if parameter.requires_grad:
            bounds[name] = {"shape": list(parameter.shape), "lowest": parameter.min().item(),
                            "largest": parameter.max().item()}
    count = lambda module: sum(p.numel() for p in module.parameters())
    store("defaults", parameters={
        "all": count(paper), "sobel": count(paper.sobel), "plain": count(paper.streams[0]),
        "edges": count(paper.streams[1]), "linear": count(paper.linear)}, bounds=bounds)


if __name__ == "__main__":
    os.makedirs(FOLDER, exist_ok=True)
    for write in [batch_norm, sgd, block, encoder, defaults]:
        torch.manual_seed(SEED)
        write()
