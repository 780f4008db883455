"""The memory bank, its neighbours, and the class heads."""
import jax
import jax.numpy as jnp
from tsuc_port.areas.schedule import anchors
from tsuc_port.settings import MemorySettings, head_settings

from .. import losses
from ..registry import call, operation, pull_back


def logits_of(v, bank, temperature):
    return v["embeddings"] @ bank.T / temperature


@operation("memory-logits")
def memory_logits(prompt):
    logits, gradients = pull_back(
        logits_of, {"embeddings": prompt.real("embeddings")}, prompt.real("bank"), prompt.real("logits.cotangent"),
        temperature=prompt.parameter("bankTemperature", 0.1))
    return {"logits": logits} | gradients


@operation("memory-update")
def memory_update(prompt):
    bank, images, embeddings = prompt.real("bank"), prompt.whole("images"), prompt.real("embeddings")
    if images.ndim == 1:
        images, embeddings = images[None], embeddings[None]
    settings = MemorySettings.of(prompt)._asdict()
    for batch, views in zip(images, embeddings, strict=True):
        bank = call(losses.remember, bank, batch, views, **settings)
    return {"bank.new": bank}


@operation("bank-entropies")
def bank_entropies(prompt):
    temperature = prompt.parameter("bankTemperature", 0.1)
    return {"entropies": call(losses.entropies, prompt.real("bank"), temperature=temperature)}


def nearest(prompt, rows, queries):
    k = prompt.parameter("k", 1)
    if not 0 < k < len(rows):
        raise ValueError(f"{k} neighbours need more than {k} rows, not {len(rows)}")
    return call(losses.nearest, rows, queries, k=k)


@operation("neighbourhood-discovery")
def neighbourhood_discovery(prompt):
    bank = prompt.real("bank")
    count = anchors(len(bank), prompt.parameter("rate", 0.25), prompt.parameter("round"))
    entropies = call(losses.entropies, bank, temperature=prompt.parameter("bankTemperature", 0.1))
    sure = jnp.argsort(entropies, stable=True)[:count]
    return {"anchors": sure, "neighbours": nearest(prompt, bank, sure)}


@operation("nearest-rows")
def nearest_rows(prompt):
    return {"neighbours": nearest(prompt, prompt.real("rows"), prompt.whole("queries"))}


def products_of(rows, queries, neighbours):
    return jnp.einsum("af,akf->ak", rows[queries], rows[neighbours])


@operation("neighbour-similarities")
def neighbour_similarities(prompt):
    rows, queries = prompt.real("rows"), prompt.whole("queries")
    neighbours = nearest(prompt, rows, queries)
    return {"neighbours": neighbours, "similarities": call(products_of, rows, queries, neighbours)}


def scores_of(v, constants, axis, temperature):
    heads = v.get("heads", constants.get("heads"))
    units = jnp.stack([losses.directions(head, axis) for head in heads])
    return jax.nn.softmax(v["embeddings"] @ units / temperature)


@operation("cluster-heads")
def cluster_heads(prompt):
    variables, heads = {"embeddings": prompt.real("embeddings")}, {"heads": prompt.real("heads")}
    variables, constants = (variables | heads, {}) if prompt.parameter("trainable", False) else (variables, heads)
    temperature, axis = head_settings(prompt)
    probabilities, gradients = pull_back(
        scores_of, variables, constants, prompt.real("probabilities.cotangent"), temperature=temperature, axis=axis)
    return {"probabilities": probabilities, "classes": probabilities.argmax(2)} | gradients
