"""k-means by differences of all points and centroids, started as the package's documents say."""
import math

import numpy as np

from ..philox import Stream
from ..registry import operation

K_MEANS = 6


def squared_distances(x, y):
    """From differences, which lose nothing where both are far from 0."""
    return ((x[:, None] - y[None]) ** 2).sum(axis=2)


def draw(odds, stream):
    ends = odds.cumsum()
    above = np.flatnonzero(ends > stream.uniforms(1)[0] * float(ends[-1]))
    return int(above[0]) if len(above) else stream.integer(len(odds))


def seeds(points, clusters, seed, restart):
    stream = Stream(seed, K_MEANS, view=restart)
    chosen = [stream.integer(len(points))]
    while len(chosen) < clusters:
        nearest = squared_distances(points, points[chosen]).min(axis=1)
        candidates = [draw(nearest, stream) for _ in range(2 + int(math.log(clusters)))]
        after = np.minimum(nearest[:, None], squared_distances(points, points[candidates])).sum(axis=0)
        chosen.append(candidates[int(after.argmin())])
    return chosen


def fill(assigned, distances, clusters):
    """Gives each cluster without points the farthest point that is not alone in its own."""
    for empty in range(clusters):
        if (assigned == empty).any():
            continue
        shared = np.bincount(assigned, minlength=clusters)[assigned] > 1
        farthest = int(np.where(shared, distances, -1).argmax())
        if not shared[farthest] or distances[farthest] <= 0:
            return
        assigned[farthest], distances[farthest] = empty, 0


def lloyd(points, centroids, most):
    assigned, iterations = None, 0
    while iterations < most:
        iterations += 1
        distances = squared_distances(points, centroids)
        new = distances.argmin(axis=1)
        own = distances[np.arange(len(points)), new]
        fill(new, own, len(centroids))
        if assigned is not None and (new == assigned).all():
            break
        assigned = new
        centroids = np.stack([points[assigned == p].mean(axis=0) if (assigned == p).any() else centroid
                              for p, centroid in enumerate(centroids)])
    return assigned, centroids, ((points - centroids[assigned]) ** 2).sum(), iterations


@operation("k-means-seeds")
def k_means_seeds(prompt):
    numbers = prompt.parameter("clusters"), prompt.parameter("seed", 0), prompt.parameter("restart", 0)
    return {"seeds": np.array(seeds(prompt.real("points"), *numbers), np.int64)}


@operation("k-means")
def k_means(prompt):
    points, most = prompt.real("points"), prompt.parameter("maximumIterations", 300)
    if "centroids" in prompt:
        starts = [prompt.real("centroids")]
    else:
        clusters, seed = prompt.parameter("clusters"), prompt.parameter("seed", 0)
        starts = [points[seeds(points, clusters, seed, restart)] for restart in range(prompt.parameter("restarts", 10))]
    found = [lloyd(points, start, most) for start in starts]
    # Starts that end in the same parts may differ in the last digit of their inertia; the first counts.
    least = min(float(inertia) for _, _, inertia, _ in found)
    best = next(f for f in found if float(f[2]) <= least * (1 + 64 * np.finfo(prompt.dtype).eps))
    return dict(zip(("assignments", "centroids", "inertia"), best)) | {"iterations": np.int64(best[3])}
