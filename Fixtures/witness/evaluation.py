"""Writes ../evaluation/evaluation.json: cluster scores, assignments, k-means and nearest neighbours.

The values come from SciPy and scikit-learn, which share no code with this package. No arguments, fixed seed.
"""
import json
import os
import platform

import numpy
import scipy
import sklearn
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

draw = numpy.random.default_rng(20200823)
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def scores(clusters, classes, count, noise):
    target = draw.integers(0, classes, count)
    swapped = draw.permutation(max(clusters, classes))[target] % clusters
    pred = numpy.where(draw.random(count) < noise, draw.integers(0, clusters, count), swapped)
    table = numpy.zeros((clusters, classes), int)
    numpy.add.at(table, (pred, target), 1)
    rows, columns = linear_sum_assignment(-table)
    return {
        "clusters": clusters, "classes": classes, "predictions": pred.tolist(), "targets": target.tolist(),
        "matched": int(table[rows, columns].sum()),
        "nmi": normalized_mutual_info_score(target, pred, average_method="arithmetic"),
        "ari": adjusted_rand_score(target, pred),
    }


def assignment(rows, columns):
    table = draw.integers(0, 50, (rows, columns))
    best = linear_sum_assignment(-table)
    return {"counts": table.tolist(), "matched": int(table[best].sum())}


def blobs(clusters, count, features, spread):
    """k-means on separated blobs: the best inertia and partition are the same for any good program."""
    centres = draw.normal(size=(clusters, features)) * spread
    points = centres[draw.integers(0, clusters, count)] + draw.normal(size=(count, features))
    points = numpy.round(points, 3)
    found = KMeans(clusters, n_init=20, random_state=0, tol=0).fit(points)
    return {
        "clusters": clusters, "features": features, "points": points.ravel().tolist(),
        "inertia": found.inertia_, "assignments": found.labels_.tolist(),
    }


def digits_inertia():
    with open(os.path.join(FOLDER, "data", "digits1797-images-idx3-ubyte"), "rb") as file:
        pixels = numpy.frombuffer(file.read()[16:], numpy.uint8).reshape(1797, 64) / 16.0
    runs = [KMeans(10, n_init=10, random_state=seed).fit(pixels).inertia_ for seed in range(5)]
    return {"clusters": 10, "inertias": runs}


fixture = {
    "made by": {"python": platform.python_version(), "numpy": numpy.__version__, "scipy": scipy.__version__,
                "scikit-learn": sklearn.__version__},
    "scores": [scores(*case) for case in [
        (2, 2, 20, .3), (3, 3, 40, .5), (10, 10, 150, .3), (10, 10, 150, 1), (5, 3, 60, .3), (3, 7, 80, .3),
        (1, 4, 12, .5), (6, 1, 12, .5), (20, 20, 100, .6), (4, 4, 1, 0)]],
    "assignments": [assignment(*case) for case in [
        (1, 1), (2, 2), (3, 3), (4, 6), (7, 3), (8, 8), (10, 10), (15, 15), (1, 5), (5, 1)]],
    "kmeans": [blobs(3, 60, 2, 6), blobs(5, 80, 4, 5), blobs(1, 10, 3, 1)],
    "digits": digits_inertia(),
}
with open(os.path.join(FOLDER, "evaluation", "evaluation.json"), "w") as file:
    json.dump(fixture, file, separators=(",", ":"))
    file.write("\n")
