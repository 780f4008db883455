"""The losses and their gradients, by autograd."""
import torch
from tsuc_port.settings import neighbour_lists, reduction

from .. import losses
from ..precision import backward, wide
from ..registry import operation
from ..steps import BatchLoss, StageOneLoss, StageTwoLoss
from ..tape import Tape


def with_gradients(loss, **variables):
    """The loss and its gradient with respect to every variable."""
    backward(loss, variables.values())
    return {"loss": loss} | {name + ".gradient": variable.grad for name, variable in variables.items()}


@operation("instance-neighbourhood")
def instance_neighbourhood(prompt):
    tape, logits = Tape(), prompt.variable("logits")
    loss = losses.instance_neighbourhood(
        logits, prompt.indices("images"), neighbour_lists(prompt), reduction(prompt), tape)
    return with_gradients(loss, logits=logits) | tape.outputs()


@operation("unification-entropy")
def unification_entropy(prompt):
    tape, logits = Tape(), prompt.variable("logits")
    loss = losses.unification_entropy(
        logits, prompt.indices("images"), prompt.optional("ownLogit"), reduction(prompt), tape)
    return with_gradients(loss, logits=logits) | tape.outputs()


def against_bank(prompt, loss):
    """A loss of the logits V Mᵀ / τ and its gradient with respect to V; the bank is a constant."""
    tape, embeddings = Tape(), prompt.variable("embeddings")
    logits = wide(embeddings @ prompt.tensor("bank").T) / prompt.parameter("bankTemperature", 0.1)
    return with_gradients(loss(tape.keep("logits", logits)), embeddings=embeddings) | tape.outputs()


@operation("instance-neighbourhood-of-embeddings")
def instance_neighbourhood_of_embeddings(prompt):
    return against_bank(prompt, lambda logits: losses.instance_neighbourhood(
        logits, prompt.indices("images"), neighbour_lists(prompt), reduction(prompt)))


@operation("unification-entropy-of-embeddings")
def unification_entropy_of_embeddings(prompt):
    return against_bank(prompt, lambda logits: losses.unification_entropy(
        logits, prompt.indices("images"), prompt.optional("ownLogit"), reduction(prompt)))


@operation("batch-loss")
def batch_loss(prompt):
    tape, rows, batch_loss = Tape(), prompt.variable("rows"), BatchLoss(prompt)
    return with_gradients(batch_loss(rows, rows, tape=tape), rows=rows) | tape.outputs()


@operation("relation-loss")
def relation_loss(prompt):
    embeddings, batch_loss = prompt.variable("embeddings"), BatchLoss(prompt)
    relations = losses.relations(embeddings, prompt.tensor("bank"))
    return with_gradients(batch_loss(relations, relations), embeddings=embeddings)


@operation("mutual-information")
def mutual_information(prompt):
    tape, first, second = Tape(), prompt.variable("first"), prompt.variable("second")
    joint = tape.keep("joint", losses.joint_distribution(first, second, prompt.parameter("symmetrised", True)))
    loss = losses.negative_information(joint, prompt.parameter("marginalEntropyWeight", 1), tape=tape)
    outputs = with_gradients(loss, first=first, second=second) | tape.outputs()
    return outputs | {"information": -losses.negative_information(joint)}


@operation("stage-one-loss")
def stage_one_loss(prompt):
    tape, embeddings = Tape(), prompt.variable("embeddings")
    backward(StageOneLoss(prompt)(embeddings, prompt.tensor("bank"), prompt.indices("images"), tape), [embeddings])
    return tape.values | {"embeddings.gradient": embeddings.grad}


@operation("stage-two-loss")
def stage_two_loss(prompt):
    tape, embeddings, loss = Tape(), prompt.variable("embeddings"), StageTwoLoss(prompt)
    total = loss(embeddings, tape)
    tape.forget_gradients()
    backward(total, [embeddings])
    heads = [f"heads.{h}." for h in range(len(loss.heads))]
    joints = [loss.joint(tape.values[head + "probabilities"]) for head in heads]
    return tape.outputs() | {
        "heads.losses": torch.stack([tape.values[head + "loss"] for head in heads]),
        "heads.information": torch.stack([-losses.negative_information(joint) for joint in joints]),
        "embeddings.gradient": embeddings.grad,
    }
