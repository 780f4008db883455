"""Area evaluate: k-means in 60 digits, from seeds of its own or from given centroids."""
import math

import numpy
from mpmath import mpf

from .arithmetic import TIE, float64, integers, matrix, self_check, total
from .philox import Stream

K_MEANS = 6


def squared(x, y):
    """The squared distance."""
    return total([(a - b) ** 2 for a, b in zip(x, y)])


def smallest(values):
    """The first place of the smallest number; numbers equal but for their last digits are equal."""
    best = 0
    for place, value in enumerate(values):
        if values[best] - value > TIE * max(abs(value), abs(values[best]), 1):
            best = place
    return best


def drawn(odds, stream):
    """A point drawn by its odds; any of them where all odds are 0."""
    target, running = stream.uniform() * total(odds), mpf(0)
    for i, odd in enumerate(odds):
        running += odd
        if running > target:
            return i
    return stream.integer(len(odds))


def seeds(points, clusters, seed, restart):
    """k-means++, greedy: of 2 + floor(ln K) candidates the one that leaves the least inertia."""
    stream = Stream(seed, K_MEANS, view=restart)
    chosen = [stream.integer(len(points))]
    nearest = [squared(x, points[chosen[0]]) for x in points]
    for _ in range(clusters - 1):
        candidates = [drawn(nearest, stream) for _ in range(2 + math.floor(math.log(clusters)))]
        after = [[min(d, squared(x, points[c])) for d, x in zip(nearest, points)] for c in candidates]
        best = smallest([total(distances) for distances in after])
        chosen.append(candidates[best])
        nearest = after[best]
    return chosen


def fill(assigned, distances, clusters):
    """Each empty cluster, in order, takes the farthest point that is not alone and not on its centroid."""
    for empty in range(clusters):
        if empty in assigned:
            continue
        candidates = [i for i, p in enumerate(assigned) if assigned.count(p) > 1 and distances[i] > TIE]
        if not candidates:
            return
        farthest = candidates[smallest([-distances[i] for i in candidates])]
        assigned[farthest], distances[farthest] = empty, mpf(0)


def lloyd(points, centroids, most):
    """assignments, centroids, inertia, iterations; the iteration that changes nothing counts, and moves nothing."""
    assigned, iterations = None, 0
    while iterations < most:
        iterations += 1
        rows = [[squared(x, c) for c in centroids] for x in points]
        new = [smallest(row) for row in rows]
        distances = [row[p] for row, p in zip(rows, new)]
        fill(new, distances, len(centroids))
        if new == assigned:
            break
        assigned = new
        members = [[x for x, p in zip(points, assigned) if p == q] for q in range(len(centroids))]
        centroids = [[total(column) / len(some) for column in zip(*some)] if some else centroid
                     for some, centroid in zip(members, centroids)]
    inertia = total([squared(x, centroids[p]) for x, p in zip(points, assigned)])
    return assigned, centroids, inertia, iterations


def k_means_seeds(prompt):
    """seeds."""
    return {"seeds": integers(seeds(matrix(prompt["points"]), prompt.parameter("clusters"), prompt.parameter("seed", 0),
                                    prompt.parameter("restart", 0)))}


def k_means(prompt):
    """assignments, centroids, inertia, iterations of the start with the least inertia, the first among equals."""
    points, most = matrix(prompt["points"]), prompt.parameter("maximumIterations", 300)
    if "centroids" in prompt:
        starts = [matrix(prompt["centroids"])]
    else:
        starts = [[points[i] for i in seeds(points, prompt.parameter("clusters"), prompt.parameter("seed", 0), restart)]
                  for restart in range(prompt.parameter("restarts", 10))]
    found = [lloyd(points, start, most) for start in starts]
    assigned, centroids, inertia, iterations = found[smallest([f[2] for f in found])]
    return {"assignments": integers(assigned), "centroids": float64(centroids), "inertia": float64(inertia),
            "iterations": integers(iterations)}


OPERATIONS = {"k-means-seeds": k_means_seeds, "k-means": k_means}


def checks():
    """Two pairs on a line, and clusters that lose their points."""
    from .files import Prompt
    pairs = k_means(Prompt("k-means", {}, {"points": numpy.array([[0.0], [2.0], [10.0], [12.0]]),
                                           "centroids": numpy.array([[3.0], [4.0]])}))
    empty = k_means(Prompt("k-means", {}, {"points": numpy.array([[0.0], [1.0], [11.0]]),
                                           "centroids": numpy.array([[0.5], [100.0], [200.0]])}))
    return [
        ("two pairs", [pairs["assignments"].tolist(), pairs["centroids"].tolist()], [[0, 0, 1, 1], [[1.0], [11.0]]]),
        ("their inertia", float(pairs["inertia"]), 4.0),
        # The second changes nothing, and counts.
        ("and iterations", int(pairs["iterations"]), 2),
        ("empty clusters", empty["assignments"].tolist(), [2, 0, 1]),
    ]


if __name__ == "__main__":
    self_check(checks())
