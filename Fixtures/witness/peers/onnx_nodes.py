"""ONNX's backend tests: models of one node with inputs and expected outputs, where the node is one of the operations.

A test may become several prompts: one for each matrix of a stack, each group of a convolution, each row of a loss without
reduction. Expected outputs are forward only, so cotangents are drawn, and gradients are not compared. Answers are judged in the
profile of their own type, and most are float32.
"""
import collections
import pathlib
import warnings

import numpy
import onnx
from onnx import helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases

from asking import Question, single

HERE = pathlib.Path(onnx.__file__).parent / "backend" / "test" / "data"
MOST_PROMPTS = 128  # of one test; a loss of thousands of rows without reduction is left out


class Left(Exception):
    """Why a test is left out."""


def attribute(a, name, default):
    """An attribute of a node; texts come as bytes."""
    value = a.get(name, default)
    return value.decode() if isinstance(value, bytes) else value


def cotangent(shape):
    """Any numbers will do; drawn by the shape, so that a run is repeated by the same command."""
    return single(numpy.random.default_rng(list(shape)).standard_normal(shape))


def padding(a, sizes, kernel, strides):
    """The padding of both axes and both ends, if it is one number."""
    mode = attribute(a, "auto_pad", "NOTSET")
    pads = list(a.get("pads", [0] * 2 * len(sizes)))
    if mode.startswith("SAME"):
        whole = [max(0, (-(-n // t) - 1) * t + k - n) for n, k, t in zip(sizes, kernel, strides)]
        low = [w // 2 if mode == "SAME_UPPER" else w - w // 2 for w in whole]
        pads = low + [w - p for w, p in zip(whole, low)]
    if len(set(pads)) > 1:
        raise Left("padding that is not the same on all sides")
    return pads[0]


def convolution(a, x, w, b=None):
    """One prompt for each group; one dimension is one row."""
    dimensions = x.ndim - 2
    strides = list(a.get("strides", [1] * dimensions))
    if dimensions > 2:
        raise Left("three dimensions")
    if any(d != 1 for d in a.get("dilations", [])) or len(set(strides)) > 1:
        raise Left("dilations, or strides that differ")
    pad = padding(a, x.shape[2:], w.shape[2:], strides)
    if dimensions == 1 and pad:
        raise Left("padding along one axis alone")
    groups = a.get("group", 1)
    x, w = (t[:, :, None] if dimensions == 1 else t for t in (x, w))

    def outputs(y):
        y = y[:, :, None] if dimensions == 1 else y
        each = zip(numpy.split(x, groups, 1), numpy.split(w, groups), numpy.split(y, groups, 1),
                   numpy.split(b, groups) if b is not None else [None] * groups)
        for xs, ws, ys, bs in each:
            inputs = {"x": xs, "weight": ws, "y.cotangent": cotangent(ys.shape)} | ({} if bs is None else {"bias": bs})
            yield "convolution", {"stride": strides[0], "padding": pad}, inputs, {"y": ys}
    return outputs


def batch_norm(a, x, scale, bias, mean, variance):
    """Running variances of the training mode are another definition, and are left out."""
    training = a.get("training_mode", 0) == 1
    parameters = {"mode": "training" if training else "evaluation", "epsilon": float(a.get("epsilon", 1e-5)),
                  "momentum": 1 - float(a.get("momentum", 0.9))}
    four = lambda t: t.reshape(*t.shape[:2], -1, 1)

    def outputs(y, *running):
        inputs = {"x": four(x), "weight": scale, "bias": bias, "runningMean": mean, "runningVariance": variance,
                  "y.cotangent": cotangent(four(x).shape)}
        yield "batch-norm", parameters, inputs, {"y": four(y)} | ({"runningMean.new": running[0]} if running else {})
    return outputs


def instance_norm(a, x, scale, bias):
    """A batch norm of each image alone."""
    def outputs(y):
        for image in range(len(x)):
            yield from batch_norm({"training_mode": 1, "epsilon": a.get("epsilon", 1e-5)}, x[image:image + 1], scale, bias,
                                  numpy.zeros_like(scale), numpy.ones_like(scale))(y[image:image + 1])
    return outputs


def relu(_, x):
    """Any shape."""
    return lambda y: [("relu", {}, {"x": x, "y.cotangent": cotangent(x.shape)}, {"y": y})]


def last(x, axis):
    """Rows along one axis."""
    return numpy.moveaxis(x, axis, -1).reshape(-1, x.shape[axis])


def along_rows(operation, version):
    """Softmax and its logarithm; before version 13 of the operator set all axes from the given one on are one row."""
    def mapped(a, x):
        axis = a.get("axis", -1 if version >= 13 else 1) % x.ndim
        rows = (lambda t: last(t, axis)) if version >= 13 else (lambda t: t.reshape(int(numpy.prod(t.shape[:axis])), -1))
        return lambda y: [(operation, {}, {"x": rows(x), "y.cotangent": cotangent(rows(x).shape)}, {"y": rows(y)})]
    return mapped


def matrix_product(_, a, b):
    """NumPy's rules for stacks of matrices, and for vectors."""
    a, b = a[None] if a.ndim == 1 else a, b[:, None] if b.ndim == 1 else b
    stack = numpy.broadcast_shapes(a.shape[:-2], b.shape[:-2])

    def outputs(y):
        y = y.reshape(*stack, a.shape[-2], b.shape[-1])
        full = [numpy.broadcast_to(t, stack + t.shape[-2:]) for t in (a, b)]
        for place in numpy.ndindex(*stack):
            yield ("matrix-product", {}, {"a": full[0][place], "b": full[1][place], "y.cotangent": cotangent(y[place].shape)},
                   {"y": y[place]})
    return outputs


def gemm(a, x, y, c=None):
    """Both factors go into the inputs, rounded as the reference rounds them."""
    alpha, beta = (numpy.float32(a.get(name, 1)) for name in ("alpha", "beta"))
    parameters = {"transposeA": bool(a.get("transA", 0)), "transposeB": bool(a.get("transB", 0)), "accumulate": c is not None}

    def outputs(z):
        inputs = {"a": alpha * x, "b": y, "y.cotangent": cotangent(z.shape)}
        if c is not None:
            inputs["c"] = numpy.broadcast_to(beta * c, z.shape)
        yield "matrix-product", parameters, inputs, {"y": z}
    return outputs


def einsum(a, *operands):
    """The two equations that are products of matrices."""
    equation = attribute(a, "equation", "").replace(" ", "")
    if equation not in ("i,i", "bij,bjk->bik"):
        raise Left("an equation that is no product of matrices")
    return matrix_product({}, *operands)


def global_average_pool(_, x):
    """One pixel for each channel."""
    return lambda y: [("global-average-pool", {}, {"x": x, "y.cotangent": cotangent(x.shape[:2])}, {"y": y.reshape(x.shape[:2])})]


def reduced(operation, shape):
    """A reduction along some axes as the operation of rows."""
    def mapped(a, x, axes=None):
        if x.size == 0:
            raise Left("nothing to reduce")
        axes = a.get("axes") if axes is None else axes.tolist()
        axes = [n % x.ndim for n in axes or range(x.ndim)]
        kept = [n for n in range(x.ndim) if n not in axes]
        rows = numpy.transpose(x, kept + axes).reshape(-1, int(numpy.prod([x.shape[n] for n in axes])))

        def outputs(y):
            inputs = shape(rows)
            g = cotangent((len(rows), 1) if inputs.ndim == 4 else (len(rows),))
            yield operation, {}, {"x": inputs, "y.cotangent": g}, {"y": y.reshape(g.shape)}
        return outputs
    return mapped


def lp_normalisation(a, x):
    """The length 2 alone."""
    if a.get("p", 2) != 2:
        raise Left("the sum of absolute values as length")
    rows = lambda t: last(t, a.get("axis", -1))
    return lambda y: [("l2-normalisation", {}, {"x": rows(x), "y.cotangent": cotangent(rows(x).shape)}, {"y": rows(y)})]


def cross_entropy(a, scores, labels, weights=None):
    """The loss over neighbourhoods of one image each; its logarithms of probabilities as log-softmax."""
    rows, labels, ignored = last(scores, 1), labels.reshape(-1).astype(numpy.int64), a.get("ignore_index")
    reduction = attribute(a, "reduction", "mean")

    def outputs(loss, logarithms=None):
        if logarithms is not None:
            yield "log-softmax-of-rows", {}, {"x": rows, "y.cotangent": cotangent(rows.shape)}, {"y": last(logarithms, 1)}
        if weights is None and reduction != "none":
            counted = labels != ignored
            yield ("instance-neighbourhood", {"reduction": reduction}, {"logits": rows[counted], "images": labels[counted]},
                   {"loss": loss})
        elif weights is None and len(rows) <= MOST_PROMPTS:
            for row, label, value in zip(rows, labels, loss.reshape(-1)):
                if label != ignored:
                    yield "instance-neighbourhood", {}, {"logits": row[None], "images": label[None]}, {"loss": value}
        elif logarithms is None:
            raise Left("weights of classes, or thousands of rows without reduction")
    return outputs


def momentum(a, rate, count, *tensors):
    """One step of every tensor; at the first step beta counts as 1."""
    if int(count) != 0 and a["beta"] != 1:
        raise Left("a damped gradient")
    n = len(tensors) // 3
    parameters = {"rates": [float(rate)], "momentum": float(a["alpha"]), "weightDecay": float(a["norm_coefficient"]),
                  "nesterov": attribute(a, "mode", "") == "nesterov"}

    def outputs(*after):
        for k in range(n):
            yield ("sgd", parameters, {"parameter": tensors[k], "gradients": tensors[n + k][None], "velocity": tensors[2 * n + k]},
                   {"parameters": after[k][None], "velocities": after[n + k][None]})
    return outputs


def operators(version):
    """What each operator becomes."""
    return {"Conv": convolution, "BatchNormalization": batch_norm, "InstanceNormalization": instance_norm, "Relu": relu,
            "Softmax": along_rows("softmax-of-rows", version), "LogSoftmax": along_rows("log-softmax-of-rows", version),
            "MatMul": matrix_product, "Gemm": gemm, "Einsum": einsum, "GlobalAveragePool": global_average_pool,
            "ReduceMean": reduced("global-average-pool", lambda rows: rows[:, None, None]),
            "ReduceLogSumExp": reduced("log-sum-exp-of-rows", lambda rows: rows),
            "LpNormalization": lp_normalisation, "SoftmaxCrossEntropyLoss": cross_entropy, "Momentum": momentum}


def from_files(kind):
    """(name, model, inputs, outputs) of the tests that the package holds as files."""
    for path in sorted((HERE / kind).glob("*/model.onnx")):
        data = path.with_name("test_data_set_0")
        read = lambda name: [onnx.load_tensor(str(p)) for p in sorted(
            data.glob(f"{name}_*.pb"), key=lambda p: int(p.stem.split("_")[1]))]
        try:
            inputs, outputs = ([numpy_helper.to_array(t) for t in read(name)] for name in ("input", "output"))
        except Exception:  # sequences and texts are no tensors, and none of the operations takes them
            inputs, outputs = [], []
        yield path.parent.name, onnx.load(path), inputs, outputs


def from_python():
    """The tests that the package makes; seeded, for some draw random numbers."""
    numpy.random.seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for test in collect_testcases(None):
            yield test.name, test.model, *test.data_sets[0]


def questions_of(name, model, inputs, outputs):
    """The questions that a test becomes."""
    nodes = [node for node in model.graph.node if node.op_type != "Constant"]
    version = model.opset_import[0].version if model.opset_import else 1
    if len(nodes) != 1:
        raise Left("other nodes")
    node = nodes[0]
    if node.domain not in ("", "ai.onnx", "ai.onnx.preview.training") or node.op_type not in operators(version):
        raise Left("other operators")
    arrays = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    for constant in model.graph.node:
        if constant.op_type == "Constant":
            arrays[constant.output[0]] = numpy_helper.to_array(constant.attribute[0].t)
    given = [i.name for i in model.graph.input if i.name not in arrays]
    arrays.update(zip(given, inputs))
    tensors = [numpy.asarray(arrays[i]) for i in node.input]
    answers = [numpy.asarray(y) for y in outputs]
    if any(t.dtype not in (numpy.float32, numpy.float64, numpy.int64, numpy.int32) for t in tensors + answers):
        raise Left("half precision")
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    found = list(operators(version)[node.op_type](attributes, *tensors)(*answers))
    return [Question(*asked, source=name, profile="float64" if answers[0].dtype == numpy.float64 else "float32")
            for asked in found]


def run(program, table):
    """All kinds of tests of single nodes and layers; says how many map."""
    for kind, tests in (("node", from_python()), ("pytorch-converted", from_files("pytorch-converted")),
                        ("pytorch-operator", from_files("pytorch-operator")), ("simple", from_files("simple"))):
        asked, mapped, total, left, operators_left = [], 0, 0, collections.Counter(), set()
        for name, model, inputs, outputs in tests:
            total += 1
            try:
                asked += questions_of(name, model, inputs, outputs)
                mapped += 1
            except Left as reason:
                left[str(reason)] += 1
                if str(reason) == "other operators":
                    operators_left.add(model.graph.node[-1].op_type)
        peer = f"ONNX {onnx.__version__}, {kind}"
        table.add(peer, asked, program.ask("onnx", asked))
        reasons = ", ".join(f"{reason} {count}" for reason, count in left.most_common())
        table.notes.append(f"{peer}: {mapped} of {total} tests map, to {len(asked)} prompts. Left out: {reasons} "
                           f"({len(operators_left)} operators that have no operation here).")
    table.notes.append(
        "ONNX: other nodes are mostly the bodies of functions, with the inputs and outputs of the test of the function. Training's "
        "running variance is not compared: ONNX mixes in the biased variance of the batch, the operation and PyTorch the unbiased one.")
