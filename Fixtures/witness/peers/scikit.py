"""scikit-learn's scores of clusterings, its nearest neighbours and its k-means, over random tables of labels and random points."""
import warnings

import numpy
import scipy
import sklearn
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, top_k_accuracy_score
from sklearn.metrics.cluster import contingency_matrix
from sklearn.metrics.pairwise import linear_kernel
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from sklearn.preprocessing import normalize

from asking import Draw, Question, single

# How many prompts of each operation; 1,139 in all.
COUNTS = {"cluster-scores": 600, "weighted-neighbours": 100, "vote-scores": 100, "neighbour-similarities": 60, "nearest-rows": 60,
          "top-accuracy": 69, "k-means": 120, "l2-normalisation": 30}


def cluster_scores(random):
    """Labels from independent to equal; sometimes one cluster alone, or classes that no image has."""
    clusters, classes = (int(random.integers(1, 13)) for _ in range(2))
    n = int(random.choice([1, 2, 5, 20, 200, 2000], p=[0.05, 0.05, 0.2, 0.3, 0.3, 0.1]))
    targets = random.integers(0, random.integers(1, classes + 1), n)
    kept = random.random(n) < random.choice([0.0, 0.3, 0.7, 0.95, 1.0])
    predictions = numpy.where(kept, (targets * int(random.integers(1, 5)) + 1) % clusters, random.integers(0, clusters, n))
    table = contingency_matrix(targets, predictions)
    matched = int(table[linear_sum_assignment(table, maximize=True)].sum())
    return ({"clusters": clusters, "classes": classes}, {"predictions": predictions, "targets": targets},
            {"accuracy": matched / n, "matched": matched, "nmi": normalized_mutual_info_score(targets, predictions),
             "ari": adjusted_rand_score(targets, predictions)})


def rows_and_queries(random):
    """Unit rows, or others; unit rows of one feature would be equal, and scikit-learn promises no order of equal ones."""
    n, m, features = int(random.integers(3, 60)), int(random.integers(1, 12)), int(random.integers(2, 16))
    rows, queries = (single(random.standard_normal((k, features))) for k in (n, m))
    return (single(normalize(rows)), single(normalize(queries))) if random.random() < 0.7 else (rows, queries)


def precomputed(rows, queries):
    """Products as distances that are not negative: the largest product is the smallest distance."""
    products = linear_kernel(queries, rows)
    return products, max(products.max(), linear_kernel(rows).max()) - products


def classifier(rows, queries, labels, k, temperature):
    """Predictions of the vote with weights exp(s / temperature)."""
    products, distances = precomputed(rows, queries)
    weights = lambda d: numpy.exp((d.min(axis=1, keepdims=True) - d) / temperature)
    found = KNeighborsClassifier(k, weights=weights, metric="precomputed").fit(numpy.zeros((len(rows), len(rows))), labels)
    return found, products, distances


def weighted_neighbours(random):
    rows, queries = rows_and_queries(random)
    labels = random.integers(0, int(random.integers(1, 6)), len(rows))
    p = {"k": int(random.integers(1, len(rows) + 1)), "temperature": float(random.choice([0.05, 0.1, 0.5, 2.0]))}
    found, _, distances = classifier(rows, queries, labels, **p)
    return p, {"features": rows, "labels": labels, "queries": queries}, {"predictions": found.predict(distances)}


def vote_scores(random):
    """scikit-learn's shares of the classes times the sum of the weights, which is what they are divided by."""
    p, inputs, theirs = weighted_neighbours(random)
    found, products, distances = classifier(inputs["features"], inputs["queries"], inputs["labels"], p["k"], p["temperature"])
    _, neighbours = found.kneighbors(distances)
    similarities = numpy.take_along_axis(products, neighbours, 1)
    weights = numpy.exp((similarities - similarities[:, :1]) / p["temperature"])
    scores = numpy.zeros((len(products), inputs["labels"].max() + 1))
    scores[:, found.classes_] = found.predict_proba(distances) * weights.sum(1, keepdims=True)
    return p, inputs, theirs | {"neighbours": neighbours, "similarities": similarities, "scores": scores}


def similar(random):
    """The nearest rows but the row itself, which is put at the end: its distance is larger than all others."""
    rows, _ = rows_and_queries(random)
    queries = random.integers(0, len(rows), int(random.integers(1, 9)))
    products, distances = precomputed(rows, rows[queries])
    distances[numpy.arange(len(queries)), queries] = 2 * distances.max() + 1
    k = int(random.integers(1, len(rows)))
    neighbours = NearestNeighbors(n_neighbors=k, metric="precomputed").fit(numpy.zeros((len(rows),) * 2)).kneighbors(
        distances, return_distance=False)
    return {"k": k}, {"rows": rows, "queries": queries}, {
        "neighbours": neighbours, "similarities": numpy.take_along_axis(products, neighbours, 1)}


def top_accuracy(random):
    """Scores without equal ones; scikit-learn lets the higher class win among those."""
    rows, classes = int(random.integers(1, 40)), int(random.integers(3, 12))
    scores, targets = single(random.standard_normal((rows, classes))), random.integers(0, classes, rows)
    k = int(random.integers(1, classes))
    matched = int(top_k_accuracy_score(targets, scores, k=k, labels=numpy.arange(classes), normalize=False))
    return {"count": k}, {"scores": scores, "targets": targets}, {"matched": matched, "accuracy": matched / rows}


def k_means(random):
    """Lloyd's iterations from given centroids until nothing moves, or one step, of which the centroids alone are compared:
    scikit-learn then assigns once more."""
    clusters, features = int(random.integers(1, 8)), int(random.integers(1, 8))
    n = clusters + int(random.integers(0, 80))
    centres = 3 * random.standard_normal((clusters, features))
    points = single(random.standard_normal((n, features)) + centres[random.integers(0, clusters, n)])
    if random.random() < 0.2:
        points = single(points + 100)
    centroids = points[random.permutation(n)[:clusters]]
    steps = int(random.choice([1, 300]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = KMeans(clusters, init=centroids, n_init=1, max_iter=steps, tol=0, algorithm="lloyd").fit(points)
    theirs = {"centroids": found.cluster_centers_}
    if steps > 1:
        theirs |= {"assignments": found.labels_, "inertia": found.inertia_}
        # scikit-learn also ends where no centroid has moved (of points less their mean), one iteration before no point has.
        if not numpy.allclose(found.cluster_centers_, centroids, rtol=1e-12, atol=1e-12):
            theirs["iterations"] = found.n_iter_
    return {"maximumIterations": steps}, {"points": points, "centroids": centroids}, theirs


def l2_normalisation(random):
    x = single(random.standard_normal((int(random.integers(1, 9)), int(random.integers(1, 20)))))
    return {}, {"x": x, "y.cotangent": x[::-1]}, {"y": normalize(x)}


def without_similarities(random):
    """The operation nearest-rows tells numbers alone."""
    p, inputs, theirs = similar(random)
    return p, inputs, {"neighbours": theirs["neighbours"]}


OPERATIONS = {"cluster-scores": cluster_scores, "weighted-neighbours": weighted_neighbours, "vote-scores": vote_scores,
              "neighbour-similarities": similar, "nearest-rows": without_similarities, "top-accuracy": top_accuracy,
              "k-means": k_means, "l2-normalisation": l2_normalisation}


def run(program, table):
    """The sweep."""
    peer = f"scikit-learn {sklearn.__version__}, SciPy {scipy.__version__}"
    for operation, count in COUNTS.items():
        questions = [Question(operation, *OPERATIONS[operation](Draw(operation, number).random), source=f"number {number}")
                     for number in range(count)]
        table.add(peer, questions, program.ask("scikit", questions))
