"""A step of either stage: losses from embeddings on with their own gradients, and the whole step as one function."""
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from tsuc_port.settings import BatchSettings, StageOneSettings, StageTwoSettings, neighbour_lists

from . import losses
from .encoder import Network
from .tape import backward


class StageOne(NamedTuple):
    """L_AND + w L_UE + L_AUG against a bank that is a constant."""

    settings: StageOneSettings
    batch: BatchSettings

    @classmethod
    def of(cls, prompt):
        return cls(StageOneSettings.of(prompt), BatchSettings.of(prompt))

    def sets(self, prompt, images, count):
        """What the losses need of the images of a batch: the image of every row, and who belongs to whom."""
        twice = np.concatenate([images, images])
        return twice, losses.members(twice.tolist(), neighbour_lists(prompt), count)

    def logits(self, embeddings, bank):
        return embeddings @ bank.T / self.settings.temperature

    def terms(self, logits, sets):
        """L_AND, and L_UE where it counts."""
        s = self.settings
        terms = {"and": lambda z: losses.instance_neighbourhood(z, sets[1], s.reduction)}
        if s.weight > 0:
            terms["ue"] = lambda z: losses.unification_entropy(z, sets[0], s.own_logit, s.reduction)
        return terms

    def pair(self, embeddings, bank):
        """The two factors that the batch loss multiplies."""
        if self.settings.space == "embedding":
            return embeddings, embeddings
        return losses.gram_relations(embeddings, bank)[:2]

    def loss(self, embeddings, bank, sets):
        """The total and the values of its terms."""
        logits = self.logits(embeddings, bank)
        terms = {name: term(logits) for name, term in self.terms(logits, sets).items()}
        terms["aug"] = losses.batch_loss_of(*self.pair(embeddings, bank), self.batch)
        total = terms["and"] + terms["aug"]
        total = total + self.settings.weight * terms["ue"] if "ue" in terms else total
        return total, terms | {"total": total}

    def notes(self, embeddings, bank, sets):
        """Every intermediate of the loss, and the gradients of its single terms."""
        logits, pull_back = jax.vjp(lambda v: self.logits(v, bank), embeddings)
        notes, of_logits = {"logits": logits}, {}
        for name, term in self.terms(logits, sets).items():
            notes[name], of_logits[name] = jax.value_and_grad(term)(logits)
            notes[name + ".logits.gradient"] = of_logits[name]
            notes[name + ".embeddings.gradient"] = pull_back(of_logits[name])[0]
        gradient = of_logits["and"]
        if "ue" in notes:
            notes["and+ue"] = notes["and"] + self.settings.weight * notes["ue"]
            gradient = notes["logits.gradient"] = gradient + self.settings.weight * of_logits["ue"]
        notes["bank.embeddings.gradient"] = pull_back(gradient)[0]
        notes |= losses.gram_relations(embeddings, bank)[2] if self.settings.space == "relation" else {}
        return notes | batch_notes("aug", lambda v: self.pair(v, bank), embeddings, self.batch)


class StageTwo(NamedTuple):
    """(1/H) Σ_h L_assign(h) + λ L_cp with heads that are constants."""

    settings: StageTwoSettings
    batch: BatchSettings

    @classmethod
    def of(cls, prompt):
        return cls(StageTwoSettings.of(prompt), BatchSettings.of(prompt))

    def joint(self, y):
        return losses.joint_distribution(*jnp.split(y, 2), self.settings.symmetrised)

    def assignment(self, embeddings, heads, tape):
        """The mean loss of the heads."""
        terms = []
        for h, head in enumerate(heads):
            unit = tape.keep(f"heads.{h}.directions", losses.directions(head, self.settings.axis), gradient=False)
            logits = tape.keep(f"heads.{h}.logits", embeddings @ unit / self.settings.temperature)
            y = tape.keep(f"heads.{h}.probabilities", jax.nn.softmax(logits))
            terms.append(losses.negative_information(self.joint(y), self.settings.marginal_weight))
            tape.keep(f"heads.{h}.loss", terms[-1], gradient=False)
        return tape.keep("assignment", jnp.stack(terms).mean(), gradient=False)

    def loss(self, embeddings, heads, tape):
        total = self.assignment(embeddings, heads, tape)
        if self.settings.weight > 0:
            consistency = losses.batch_loss_of(embeddings, embeddings, self.batch)
            total = total + self.settings.weight * tape.keep("consistency", consistency, gradient=False)
        return tape.keep("total", total, gradient=False)

    def notes(self, embeddings, heads):
        """What the tape does not see: the gradients of single terms."""
        of_assignment = jax.grad(lambda v: self.assignment(v, heads, Silence()))(embeddings)
        notes = {"assignment.embeddings.gradient": of_assignment}
        if self.settings.weight > 0:
            notes |= batch_notes("consistency", lambda v: (v, v), embeddings, self.batch)
        return notes


class Silence:
    """A tape that keeps nothing."""

    def keep(self, name, x, gradient=True):
        return x


def batch_notes(name, pair, embeddings, batch):
    """NAME, NAME.cosines, NAME.pairs (the factor of r_b in the gradient of r_a) and NAME.embeddings.gradient."""
    rows, keys = pair(embeddings)
    value, pairs = jax.value_and_grad(losses.batch_loss)(rows @ keys.T, batch)
    gradient = jax.grad(lambda v: losses.batch_loss_of(*pair(v), batch))(embeddings)
    return {name: value, name + ".cosines": rows @ keys.T, name + ".embeddings.gradient": gradient,
            name + ".pairs": pairs if batch.stops_gradient else pairs + pairs.T}


def descend(settings, rate, parameter, gradient, velocity):
    """The parameter and the velocity after a step; before the first one the velocity is 0."""
    gradient = gradient + settings.decay * parameter
    velocity = settings.momentum * velocity + gradient
    along = gradient + settings.momentum * velocity if settings.nesterov else velocity
    return parameter - rate * along, velocity


def step(state, views, extra, layout, training, stage, descent, rate, memory=None, noting=False):
    """One step from (parameters, statistics, velocities, bank or heads); `extra` is what stage 1 knows of the images.

    Returns the state afterwards, the total before, the embeddings and, if asked, every note.
    """
    parameters, statistics, velocities, rows = state

    def forward(parameters, tape):
        embeddings = Network(parameters, statistics, training, tape).encoder(views, layout)
        if memory:
            total = stage.loss(embeddings, rows, extra)[0]
            tape.keep("total", total, gradient=False)
        else:
            total = stage.loss(embeddings, rows, tape)
        return total, embeddings

    embeddings, values, new_statistics, gradients = backward(forward, parameters)
    stepped = {name: descend(descent, rate, parameter, gradients[name + ".gradient"], velocities[name])
               for name, parameter in parameters.items()}
    new_rows = losses.remember(rows, extra[0][:len(extra[0]) // 2], embeddings, *memory) if memory else rows
    state = ({name: new for name, (new, _) in stepped.items()}, statistics | new_statistics,
             {name: velocity for name, (_, velocity) in stepped.items()}, new_rows)
    if not noting:
        return state, values["total"], embeddings
    notes = stage.notes(embeddings, rows, extra) if memory else stage.notes(embeddings, rows)
    notes = values | gradients | notes
    notes |= {name + ".new": value for part in (state[0], new_statistics) for name, value in part.items()}
    notes |= {name + ".velocity.new": velocity for name, velocity in state[2].items()}
    return state, notes | ({"bank.new": new_rows} if memory else {}), embeddings
