"""The encoder as torch modules, which note on a tape what they compute."""
import torch
import torch.nn.functional as F
from torch import nn
from tsuc_port.settings import Layout, is_training

from .precision import wide
from .tape import SILENCE


def noted_norm(norm, x, tape, name):
    """A batch norm; in training the statistics of the batch are noted too."""
    if norm.training and tape is not SILENCE:
        tape.keep(name + "mean", wide(x).mean((0, 2, 3)), gradient=False)
        tape.keep(name + "variance", wide(x).var((0, 2, 3), correction=0), gradient=False)
    return norm(x)


def unit_rows(x, epsilon=1e-12):
    """Rows of unit length; a row of zeros stays zero and, having no direction to move in, gets no gradient."""
    return F.normalize(torch.where((x != 0).any(1, keepdim=True), x, 0), dim=1, eps=epsilon)


class Block(nn.Module):
    """Two 3 × 3 convolutions and a way around them, which projects only where the shape changes."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x, tape=SILENCE, name=""):
        # A view has a gradient of its own: the branch's share of the gradient of x.
        wide = tape.keep(name + "conv1.output", self.conv1(tape.watch(name + "conv1.input", x.view_as(x))))
        hidden = tape.keep(name + "bn1.output", F.relu(noted_norm(self.bn1, wide, tape, name + "bn1.")))
        mixed = tape.keep(name + "conv2.output", self.conv2(hidden))
        branch = tape.keep(name + "bn2.output", noted_norm(self.bn2, mixed, tape, name + "bn2."), gradient=False)
        around = x
        if len(self.shortcut):
            convolution, norm = self.shortcut
            projected = convolution(tape.watch(name + "shortcut.0.input", x.view_as(x)))
            around = noted_norm(norm, tape.keep(name + "shortcut.0.output", projected), tape, name + "shortcut.1.")
            tape.keep(name + "shortcut.1.output", around, gradient=False)
        return tape.keep(name + "output", F.relu(tape.watch(name + "sum", branch + around)))


class Trunk(nn.Module):
    """A stem and stages of blocks, averaged over pixels."""

    def __init__(self, inputs, widths, blocks, strides, stem_stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, widths[0], 3, stem_stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.stage_count = len(widths)
        sizes = [widths[0], *widths]
        for s, (count, stride) in enumerate(zip(blocks, strides)):
            first = Block(sizes[s], sizes[s + 1], stride)
            others = [Block(sizes[s + 1], sizes[s + 1], 1) for _ in range(count - 1)]
            self.add_module(f"layer{s + 1}", nn.Sequential(first, *others))

    def forward(self, x, tape=SILENCE, name=""):
        x = tape.keep(name + "conv1.output", self.conv1(x))
        x = tape.keep(name + "bn1.output", F.relu(noted_norm(self.bn1, x, tape, name + "bn1.")))
        for s in range(1, self.stage_count + 1):
            for b, block in enumerate(getattr(self, f"layer{s}")):
                x = block(x, tape, f"{name}layer{s}.{b}.")
        return tape.keep(name + "pool.output", F.adaptive_avg_pool2d(x, 1).flatten(1))


class Sobel(nn.Module):
    """The mean of the channels, then horizontal and vertical edges; fixed."""

    def __init__(self, channels):
        super().__init__()
        edges = torch.tensor([[[1, 0, -1], [2, 0, -2], [1, 0, -1]], [[1, 2, 1], [0, 0, 0], [-1, -2, -1]]])
        self.register_buffer("grey", torch.full((1, channels, 1, 1), 1 / channels), persistent=False)
        self.register_buffer("edges", edges[:, None].to(self.grey.dtype), persistent=False)

    def forward(self, images, tape=SILENCE):
        grey = F.conv2d(images, self.grey)
        tape.noted("grey", grey[:, 0])
        return F.conv2d(grey, self.edges, padding=1)


class Encoder(nn.Module):
    """Trunks side by side, each on the images or on their edges, a linear layer, unit rows."""

    def __init__(self, channels, streams, widths, blocks, strides, stem_stride, embedding_size):
        super().__init__()
        self.sobel = nn.ModuleList([Sobel(channels) if stream == "sobel" else nn.Identity() for stream in streams])
        inputs = [2 if stream == "sobel" else channels for stream in streams]
        self.streams = nn.ModuleList([Trunk(n, widths, blocks, strides, stem_stride) for n in inputs])
        self.linear = nn.Linear(widths[-1] * len(streams), embedding_size)

    def prefix(self, stream):
        """What the names of a stream begin with in the corpus: nothing where there is one stream."""
        return f"streams.{stream}." if len(self.streams) > 1 else ""

    def filters(self):
        """Of every Sobel stream both its convolutions as one."""
        return {self.prefix(s) + "sobel.weight.new": filter.edges * filter.grey
                for s, filter in enumerate(self.sobel) if isinstance(filter, Sobel)}

    def forward(self, images, tape=SILENCE):
        pools = []
        for s, (filter, trunk) in enumerate(zip(self.sobel, self.streams)):
            x = filter(images)
            if isinstance(filter, Sobel):
                tape.keep(self.prefix(s) + "sobel", x)
            pools.append(trunk(x, tape, self.prefix(s)))
        features = pools[0] if len(pools) == 1 else tape.keep("features", torch.cat(pools, 1))
        projected = tape.keep("linear.output", self.linear(features))
        return tape.keep("embeddings", unit_rows(wide(projected)))


def corpus_name(module, name):
    """A parameter's or buffer's name in the corpus."""
    alone = isinstance(module, Encoder) and len(module.streams) == 1
    return name.removeprefix("streams.0.") if alone else name


def named_parameters(module):
    """The parameters by their names in the corpus, in the module's order."""
    return {corpus_name(module, name): parameter for name, parameter in module.named_parameters()}


def statistics(module):
    """The running statistics by their names in the corpus."""
    buffers = {corpus_name(module, name): buffer for name, buffer in module.named_buffers()}
    return {name: buffer for name, buffer in buffers.items() if "running_" in name}


def load(module, prompt):
    """Puts the prompt's tensors into a module, every parameter and running statistic of which must be given."""
    with torch.no_grad():
        for name, tensor in (named_parameters(module) | statistics(module)).items():
            given = prompt.tensor(name)
            if given.shape != tensor.shape:
                raise ValueError(f"{name} has the shape {tuple(given.shape)}, not {tuple(tensor.shape)}")
            tensor.copy_(given)
    return module.train(is_training(prompt))


def read_encoder(prompt, channels):
    """The encoder that a prompt describes and gives the tensors of."""
    return load(Encoder(*Layout.of(prompt, channels)), prompt)


def state_after(module):
    """The gradients of all parameters and, after a training pass, "NAME.new" of the running statistics."""
    outputs = {name + ".gradient": p.grad for name, p in named_parameters(module).items() if p.grad is not None}
    if module.training:
        outputs |= {name + ".new": buffer.clone() for name, buffer in statistics(module).items()}
    return outputs
