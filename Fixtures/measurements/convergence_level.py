"""How often the rule of `tsuc oracle converge` calls runs of one distribution different: python convergence_level.py

Runs are drawn: 16 curves of 24 normal numbers, each a random walk around a level of the run, all with one common part. Of
every trial m runs are set beside 20 others; more than 1,140 choices of m of the 20 are cut down to 600.
"""
import itertools

import numpy as np

N, LEVEL = 20, 0.05
generator = np.random.default_rng(1)


def draw(count):
    common, level, noise = (generator.standard_normal((count, *shape)) for shape in ((1, 1), (16, 1), (16, 24)))
    walk = generator.standard_normal((count, 16, 24)).cumsum(2) / 5
    return (common + level + walk + noise / 2).reshape(count, -1)


def largest(runs, choices):
    """T of every choice of runs beside the others; choices: any × m."""
    m, n = choices.shape[1], len(runs) - choices.shape[1]
    mean = (runs.sum(0) - runs[choices].sum(1)) / n
    variance = ((runs**2).sum(0) - (runs**2)[choices].sum(1) - n * mean**2) / (n - 1)
    return np.abs((runs[choices].mean(1) - mean) / np.sqrt(variance * (1 / m + 1 / n))).max(1)


for m, trials in ((1, 1000), (3, 300), (5, 300)):
    choices, out = np.array(list(itertools.combinations(range(N), m))), 0
    for _ in range(trials):
        runs = draw(m + N)
        some = choices if len(choices) <= 1140 else generator.choice(choices, 600, replace=False)
        maxima = np.sort(np.concatenate([largest(runs[m:], part) for part in np.array_split(some, 8)]))[::-1]
        out += largest(runs, np.arange(m)[None])[0] > maxima[int(LEVEL * len(maxima)) - 1]
    print(f"{m} runs: {out} of {trials} outside")
