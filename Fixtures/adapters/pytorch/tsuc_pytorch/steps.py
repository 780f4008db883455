"""What a step of either stage is made of: the losses from embeddings on, with everything noted on a tape."""
import torch
from tsuc_port.settings import BatchSettings, MemorySettings, StageOneSettings, StageTwoSettings, neighbour_lists

from . import losses
from .networks import named_parameters, read_encoder, state_after
from .optimiser import sgd, step
from .precision import backward, gradients_of, wide
from .tape import SILENCE


def gradients(tape, loss, **tensors):
    """Notes the gradient of one term of the loss with respect to named tensors, without adding into any .grad."""
    found = gradients_of(loss, list(tensors.values()))
    for name, gradient in zip(tensors, found):
        tape.keep(name.replace("_", ".") + ".gradient", gradient, gradient=False)
    return found


class BatchLoss:
    """The batch loss of the prompt's settings."""

    def __init__(self, prompt):
        self.settings = BatchSettings.of(prompt)

    def __call__(self, rows, others, noted=None, tape=SILENCE):
        """The loss of the products of two sets of rows; `noted` is called with the products and the loss."""
        s = self.settings
        cosines = wide(rows @ (others.detach() if s.stops_gradient else others).T)
        loss = losses.batch_loss(cosines, s.temperature, s.negative_weight, s.denominator, s.reduction, tape)
        if noted:
            noted(cosines, loss)
        return loss

    def noting(self, rows, others, tape, name, embeddings):
        """Notes NAME, NAME.cosines, NAME.pairs (the factor of r_b in the gradient of r_a), NAME.embeddings.gradient."""
        def note(cosines, loss):
            pairs, gradient = gradients_of(loss, [cosines, embeddings])
            pairs = pairs if self.settings.stops_gradient else pairs + pairs.T
            parts = {"": loss, ".cosines": cosines, ".pairs": pairs, ".embeddings.gradient": gradient}
            for part, tensor in parts.items():
                tape.keep(name + part, tensor, gradient=False)
        return self(rows, others, note)


class StageOneLoss:
    """L_AND + w L_UE + L_AUG against a bank that is a constant."""

    def __init__(self, prompt):
        self.settings = StageOneSettings.of(prompt)
        self.batch_loss = BatchLoss(prompt)
        self.neighbours = neighbour_lists(prompt)

    def __call__(self, embeddings, bank, images, tape):
        s, rows = self.settings, images.repeat(2)
        logits = tape.keep("logits", wide(embeddings @ bank.T) / s.temperature, gradient=False)
        loss = losses.instance_neighbourhood(logits, rows, self.neighbours, s.reduction)
        tape.keep("and", loss, gradient=False)
        gradients(tape, loss, and_logits=logits, and_embeddings=embeddings)
        if s.weight > 0:
            entropy = losses.unification_entropy(logits, rows, s.own_logit, s.reduction)
            tape.keep("ue", entropy, gradient=False)
            gradients(tape, entropy, ue_logits=logits, ue_embeddings=embeddings)
            loss = tape.keep("and+ue", loss + s.weight * entropy, gradient=False)
            gradients(tape, loss, logits=logits)
        gradients(tape, loss, bank_embeddings=embeddings)
        return tape.keep("total", loss + self.augmentation(embeddings, bank, tape), gradient=False)

    def augmentation(self, embeddings, bank, tape):
        if self.settings.space == "embedding":
            return self.batch_loss.noting(embeddings, embeddings, tape, "aug", embeddings)
        gram, pulled, inverses, related, scaled = losses.gram_relations(embeddings, bank)
        noted = {"gram": gram, "pulled": pulled, "inverse-norms": inverses, "relations": related, "scaled": scaled}
        for name, tensor in noted.items():
            tape.keep("aug." + name, tensor, gradient=False)
        return self.batch_loss.noting(scaled, related, tape, "aug", embeddings)


class StageTwoLoss:
    """(1/H) Σ_h L_assign(h) + λ L_cp with heads that are constants."""

    def __init__(self, prompt):
        self.heads = prompt.tensor("heads")
        self.settings = StageTwoSettings.of(prompt)
        self.batch_loss = BatchLoss(prompt)

    def __call__(self, embeddings, tape):
        terms = [self.head(h, embeddings, tape) for h in range(len(self.heads))]
        loss = tape.keep("assignment", torch.stack(terms).mean(), gradient=False)
        gradients(tape, loss, assignment_embeddings=embeddings)
        if self.settings.weight > 0:
            consistency = self.batch_loss.noting(embeddings, embeddings, tape, "consistency", embeddings)
            loss = loss + self.settings.weight * consistency
        return tape.keep("total", loss, gradient=False)

    def head(self, h, embeddings, tape):
        name = f"heads.{h}."
        unit = tape.keep(name + "directions", losses.directions(self.heads[h], self.settings.axis), gradient=False)
        logits = tape.keep(name + "logits", wide(embeddings @ unit) / self.settings.temperature)
        y = tape.keep(name + "probabilities", logits.softmax(1))
        loss = losses.negative_information(self.joint(y), self.settings.marginal_weight)
        return tape.keep(name + "loss", loss, gradient=False)

    def joint(self, y):
        """The joint distribution of the classes of first and second views."""
        return losses.joint_distribution(*y.chunk(2), self.settings.symmetrised)


class StageOne:
    """The state of stage 1: encoder, optimiser, bank."""

    def __init__(self, prompt, channels):
        self.descent = Descent(prompt, channels)
        self.bank = prompt.tensor("bank")
        self.loss = StageOneLoss(prompt)
        self.memory = MemorySettings.of(prompt)

    def step(self, views, images, tape):
        embeddings = self.descent.step(views, lambda v: self.loss(v, self.bank, images, tape), tape)
        self.bank = tape.keep("bank.new", losses.remember(self.bank, images, embeddings, *self.memory), gradient=False)
        return embeddings

    def constants(self):
        """What no step changes."""
        return self.descent.encoder.filters()


class StageTwo:
    """The state of stage 2: encoder and optimiser; the heads never change."""

    def __init__(self, prompt, channels):
        self.descent = Descent(prompt, channels)
        self.loss = StageTwoLoss(prompt)

    def step(self, views, tape):
        return self.descent.step(views, lambda v: self.loss(v, tape), tape)

    def constants(self):
        """What no step changes."""
        return self.descent.encoder.filters() | {"heads.new": self.loss.heads}


class Descent:
    """An encoder that learns."""

    def __init__(self, prompt, channels):
        self.encoder = read_encoder(prompt, channels)
        self.parameters = named_parameters(self.encoder)
        self.optimiser = sgd(self.parameters, prompt, prompt.parameter("learningRate"))
        self.total = None

    def step(self, views, loss, tape):
        """Forward, the loss, backward, the update; returns the embeddings of the forward pass."""
        self.optimiser.zero_grad()
        embeddings = self.encoder(views, tape)
        self.total = loss(embeddings)
        tape.forget_gradients()
        backward(self.total, self.parameters.values())
        for name, tensor in state_after(self.encoder).items():
            tape.keep(name, tensor, gradient=False)
        for name, velocity in step(self.optimiser, self.parameters).items():
            tape.keep(name + ".velocity.new", velocity, gradient=False)
        for name, parameter in self.parameters.items():
            tape.keep(name + ".new", parameter.detach().clone(), gradient=False)
        return embeddings.detach()
