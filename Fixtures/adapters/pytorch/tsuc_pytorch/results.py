"""A run's data, scores and files: the bundled digits, what their labels say of clusters, history.csv and metrics.json."""
import csv
import json
import math
from pathlib import Path

import numpy as np
import torch
from tsuc_port import Prompt
from tsuc_port.areas.evaluate import best_match, cluster_scores

DATA = Path(__file__).resolve().parents[3] / "data"
SIGMA = 0.02  # in nats: a head whose loss is so much higher has 1 / e of the weight


def read_digits():
    """Images n × 1 × 8 × 8, black 0 and white 1, and labels, from IDX files: a header of big-endian numbers, then bytes."""
    pixels = np.frombuffer((DATA / "digits1797-images-idx3-ubyte").read_bytes()[16:], np.uint8).reshape(-1, 1, 8, 8)
    labels = np.frombuffer((DATA / "digits1797-labels-idx1-ubyte").read_bytes()[8:], np.uint8)
    return torch.from_numpy(pixels / np.float32(16)), torch.from_numpy(labels.astype(np.int64))


def ask(operation, inputs, **parameters):
    """The answer of an operation of tsuc_port, in float64."""
    arrays = {name: np.asarray(tensor) for name, tensor in inputs.items()}
    return operation(Prompt("", "", parameters, arrays, np.dtype("float64")))


def scores(clusters, labels, count):
    """Accuracy (Hungarian), NMI and ARI."""
    found = ask(cluster_scores, {"predictions": clusters, "targets": labels}, clusters=count, classes=count)
    return {name: float(found[name]) for name in ("accuracy", "nmi", "ari")}


def neighbour_accuracy(bank, embeddings, labels, count, temperature=0.1):
    """The share of images whose class the k nearest rows of the bank but their own vote for, each by e^(⟨v, m⟩ / σ)."""
    k = max(1, min(200, 2 * len(labels) // (5 * count)))
    hits = 0
    for part in torch.arange(len(bank), device=bank.device).split(1024):
        near = (embeddings[part] @ bank.T).scatter(1, part[:, None], -math.inf).topk(k)
        votes = torch.zeros(len(part), count, device=bank.device)
        votes.scatter_add_(1, labels[near.indices], (near.values / temperature).exp())
        hits += (votes.argmax(1) == labels[part]).sum().item()
    return hits / len(bank)


def final_clusters(y, losses):
    """The clusters of the head of the lowest loss, and of all heads' vote; y: H × images × K.

    p = Σ_h w_h π_h y_h / Σ_h w_h, w_h = exp((min L − L_h) / σ); π_h matches h's clusters with those of the lowest loss.
    """
    losses, clusters = torch.as_tensor(losses), y.argmax(2)
    reference, p = losses.argmin(), torch.zeros_like(y[0])
    for h, weight in enumerate(((losses.min() - losses) / SIGMA).exp()):
        counts = np.zeros(2 * y.shape[2:], np.int64)
        np.add.at(counts, (clusters[h].numpy(), clusters[reference].numpy()), 1)
        p[:, best_match(counts)] += weight * y[h]
    return {"consensus": p.argmax(1), "lowestLoss": clusters[reference]}


def write_run(folder, history, results):
    """history.csv: a row an epoch, every value that any epoch has; empty where an epoch has none."""
    folder.mkdir(parents=True)
    names = list(dict.fromkeys(name for epoch in history for name in epoch))
    with open(folder / "history.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, names, lineterminator="\n")
        table.writeheader()
        table.writerows(history)
    (folder / "metrics.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
