"""The losses and their gradients."""
import jax.numpy as jnp
from tsuc_port.settings import BatchSettings, neighbour_lists, reduction

from .. import losses
from ..registry import differentiate, operation
from ..steps import StageOne, StageTwo


def neighbourhood_loss(v, sets, reduction):
    return losses.instance_neighbourhood(v["logits"], sets, reduction), {}


@operation("instance-neighbourhood")
def instance_neighbourhood(prompt):
    logits = prompt.real("logits")
    sets = losses.members(prompt.whole("images").tolist(), neighbour_lists(prompt), logits.shape[1])
    loss, _, gradients = differentiate(neighbourhood_loss, {"logits": logits}, sets, reduction=reduction(prompt))
    return {"loss": loss} | gradients


def entropy_loss(v, images, own_logit, reduction):
    return losses.unification_entropy(v["logits"], images, own_logit, reduction), {}


@operation("unification-entropy")
def unification_entropy(prompt):
    loss, _, gradients = differentiate(
        entropy_loss, {"logits": prompt.real("logits")}, prompt.whole("images"), own_logit=prompt.optional("ownLogit"),
        reduction=reduction(prompt))
    return {"loss": loss} | gradients


def against_bank(v, constants, loss, temperature, **settings):
    """A loss of the logits V Mᵀ / τ as a function of V."""
    bank, others = constants
    return loss({"logits": v["embeddings"] @ bank.T / temperature}, others, **settings)


def of_embeddings(prompt, loss, others, **settings):
    loss, _, gradients = differentiate(
        against_bank, {"embeddings": prompt.real("embeddings")}, (prompt.real("bank"), others), loss=loss,
        temperature=prompt.parameter("bankTemperature", 0.1), reduction=reduction(prompt), **settings)
    return {"loss": loss} | gradients


@operation("instance-neighbourhood-of-embeddings")
def instance_neighbourhood_of_embeddings(prompt):
    count = len(prompt.array("bank"))
    sets = losses.members(prompt.whole("images").tolist(), neighbour_lists(prompt), count)
    return of_embeddings(prompt, neighbourhood_loss, sets)


@operation("unification-entropy-of-embeddings")
def unification_entropy_of_embeddings(prompt):
    return of_embeddings(prompt, entropy_loss, prompt.whole("images"), own_logit=prompt.optional("ownLogit"))


def loss_of_rows(v, _, batch):
    return losses.batch_loss_of(v["rows"], v["rows"], batch), {}


@operation("batch-loss")
def batch_loss(prompt):
    loss, _, gradients = differentiate(loss_of_rows, {"rows": prompt.real("rows")}, {}, batch=BatchSettings.of(prompt))
    return {"loss": loss} | gradients


def loss_of_relations(v, bank, batch):
    relations = losses.relations(v["embeddings"], bank)
    return losses.batch_loss_of(relations, relations, batch), {}


@operation("relation-loss")
def relation_loss(prompt):
    loss, _, gradients = differentiate(
        loss_of_relations, {"embeddings": prompt.real("embeddings")}, prompt.real("bank"),
        batch=BatchSettings.of(prompt))
    return {"loss": loss} | gradients


def information_loss(v, _, weight, symmetrised):
    joint = losses.joint_distribution(v["first"], v["second"], symmetrised)
    others = {"joint": joint, "information": -losses.negative_information(joint)}
    return losses.negative_information(joint, weight), others


@operation("mutual-information")
def mutual_information(prompt):
    loss, others, gradients = differentiate(
        information_loss, {name: prompt.real(name) for name in ("first", "second")}, {},
        weight=prompt.parameter("marginalEntropyWeight", 1), symmetrised=prompt.parameter("symmetrised", True))
    return {"loss": loss} | others | gradients


def first_loss(v, constants, stage):
    return stage.loss(v["embeddings"], *constants)


@operation("stage-one-loss")
def stage_one_loss(prompt):
    stage, bank = StageOne.of(prompt), prompt.real("bank")
    sets = stage.sets(prompt, prompt.whole("images"), len(bank))
    embeddings = {"embeddings": prompt.real("embeddings")}
    _, terms, gradients = differentiate(first_loss, embeddings, (bank, sets), stage=stage)
    return terms | gradients


class Parts(dict):
    """A tape that keeps values and watches nothing."""

    def keep(self, name, x, gradient=True):
        self[name] = x
        return x


def second_loss(v, heads, stage):
    parts = Parts()
    total = stage.loss(v["embeddings"], heads, parts)
    joints = [stage.joint(parts[f"heads.{h}.probabilities"]) for h in range(len(heads))]
    terms = {name: parts[name] for name in ("assignment", "consistency", "total") if name in parts}
    return total, terms | {
        "heads.losses": jnp.stack([parts[f"heads.{h}.loss"] for h in range(len(heads))]),
        "heads.information": jnp.stack([-losses.negative_information(joint) for joint in joints])}


@operation("stage-two-loss")
def stage_two_loss(prompt):
    _, terms, gradients = differentiate(
        second_loss, {"embeddings": prompt.real("embeddings")}, prompt.real("heads"), stage=StageTwo.of(prompt))
    return terms | gradients
