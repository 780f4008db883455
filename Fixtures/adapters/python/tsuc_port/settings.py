"""What prompts say of encoders, losses and steps, with the defaults of the pages, as tuples (keys of a cache)."""
import re
from typing import NamedTuple

# What an encoder returns of its intermediate tensors: what leaves a block, a pool or the linear layer.
LEAVES = re.compile(r"(.*layer\d+\.\d+\.output|.*pool\.output|linear\.output|embeddings)")

# After so many steps of a trajectory the norms of the parameters are noted.
CHECKPOINTS = (1, 10, 100)


def reduction(prompt):
    return prompt.choice("reduction", ("mean", "sum"), "mean")


def is_training(prompt):
    return prompt.choice("mode", ("training", "evaluation"), "training") == "training"


def probe_places(count):
    """Which elements of a flat gradient are its samples: eight, count // 8 + 5 apart, or all where there are fewer."""
    return [place * (count // 8 + 5) % count for place in range(8)] if count >= 8 else list(range(count))


class Layout(NamedTuple):
    """What an encoder looks like."""

    channels: int
    streams: tuple
    widths: tuple
    blocks: tuple
    strides: tuple
    stem_stride: int
    embedding_size: int

    @classmethod
    def of(cls, prompt, channels):
        lists = (tuple(prompt.parameter(name)) for name in ("streams", "widths", "blocks", "strides"))
        return cls(channels, *lists, prompt.parameter("stemStride", 1), prompt.parameter("embeddingSize"))

    def prefix(self, stream):
        """What the names of a stream begin with: nothing where there is one stream."""
        return f"streams.{stream}." if len(self.streams) > 1 else ""

    def stages(self):
        """Of every block its name, the channels that come in and go out, and its stride."""
        inputs = self.widths[0]
        for stage, (width, count, stride) in enumerate(zip(self.widths, self.blocks, self.strides)):
            for block in range(count):
                yield f"layer{stage + 1}.{block}.", inputs, width, stride if block == 0 else 1
                inputs = width

    def shapes(self):
        """The shape of every parameter, in the order in which they are numbered."""
        shapes = {}
        for stream, kind in enumerate(self.streams):
            prefix = self.prefix(stream)
            shapes[prefix + "conv1.weight"] = (self.widths[0], 2 if kind == "sobel" else self.channels, 3, 3)
            shapes |= norm_shapes(prefix + "bn1.", self.widths[0])
            for name, inputs, width, stride in self.stages():
                shapes |= block_shapes(prefix + name, inputs, width, stride)
        shapes["linear.weight"] = (self.embedding_size, self.widths[-1] * len(self.streams))
        return shapes | {"linear.bias": (self.embedding_size,)}


def norm_shapes(name, width):
    return {name + "weight": (width,), name + "bias": (width,)}


def block_shapes(name, inputs, width, stride):
    shapes = {name + "conv1.weight": (width, inputs, 3, 3)} | norm_shapes(name + "bn1.", width)
    shapes |= {name + "conv2.weight": (width, width, 3, 3)} | norm_shapes(name + "bn2.", width)
    if stride != 1 or inputs != width:
        shapes |= {name + "shortcut.0.weight": (width, inputs, 1, 1)} | norm_shapes(name + "shortcut.1.", width)
    return shapes


class BatchSettings(NamedTuple):
    """Of the batch loss."""

    temperature: float
    negative_weight: float
    stops_gradient: bool
    denominator: str
    reduction: str

    @classmethod
    def of(cls, prompt):
        return cls(
            prompt.parameter("temperature", 0.1), prompt.parameter("negativeWeight", 1),
            prompt.parameter("stopsGradient", True), prompt.choice("denominator", ("released", "paper"), "released"),
            reduction(prompt))


class StageOneSettings(NamedTuple):
    """Of L_AND + w L_UE + L_AUG; own_logit is None where the own image is left out."""

    temperature: float
    weight: float
    own_logit: float | None
    reduction: str
    space: str

    @classmethod
    def of(cls, prompt):
        return cls(
            prompt.parameter("bankTemperature", 0.1), prompt.parameter("entropyWeight", 0), prompt.optional("ownLogit"),
            reduction(prompt), prompt.choice("augmentationSpace", ("relation", "embedding"), "relation"))


class StageTwoSettings(NamedTuple):
    """Of (1/H) Σ_h L_assign(h) + λ L_cp."""

    temperature: float
    axis: str
    marginal_weight: float
    symmetrised: bool
    weight: float

    @classmethod
    def of(cls, prompt):
        return cls(
            *head_settings(prompt), prompt.parameter("marginalEntropyWeight", 1), prompt.parameter("symmetrised", True),
            prompt.parameter("consistencyWeight", 1))


def head_settings(prompt):
    """Temperature and axis."""
    return prompt.parameter("headTemperature", 0.1), prompt.choice("axis", ("class", "feature"), "class")


class MemorySettings(NamedTuple):
    """Of the bank's update: the weight of the old row, and the view that is written."""

    momentum: float
    policy: str

    @classmethod
    def of(cls, prompt):
        return cls(
            prompt.parameter("bankMomentum", 0.5), prompt.choice("viewPolicy", ("second", "first", "mean"), "second"))


class DescentSettings(NamedTuple):
    """Of stochastic gradient descent, but for the rate."""

    momentum: float
    nesterov: bool
    decay: float

    @classmethod
    def of(cls, prompt):
        return cls(
            prompt.parameter("momentum", 0.9), prompt.parameter("nesterov", True),
            prompt.parameter("weightDecay", 5e-4))


def tells_constants(prompt):
    """Whether a step also answers what it must leave as it is: heads and Sobel filters."""
    return prompt.parameter("constants", False)


def neighbour_lists(prompt):
    """The neighbours of every image that has some, from a table in which −1 stands for none."""
    table = prompt.whole("neighbours").tolist() if "neighbours" in prompt else []
    lists = {image: [other for other in row if other >= 0] for image, row in enumerate(table)}
    return {image: row for image, row in lists.items() if row}
