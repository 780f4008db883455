"""What the judge says of textbook formulas in NumPy and of ONNX Runtime's kernels; the table is in frameworks.md.

    python frameworks.py PROMPTS OWN OUT --dtype float32

OWN holds this package's answers to the prompts (tsuc oracle answer), whose gradients stand beside ONNX Runtime's outputs.
OUT gets a folder of answers for each program: OUT/numpy-… and OUT/onnxruntime. Needs numpy, onnx, onnxruntime, and tsuc_port
on PYTHONPATH.
"""
import argparse
from pathlib import Path

import numpy as np
from tsuc_port import Backend, Registry, files

STABLE, DIRECT = Registry(), Registry()


def over_rows(x):
    return x.sum(axis=1, keepdims=True)


def row_operations(registry, shift):
    """Softmax and its relatives as in a textbook, with the row's maximum taken away or not."""
    def exponentials(prompt):
        x = prompt.real("x")
        if "absent" in prompt:
            x[prompt.whole("absent") == 1] = -np.inf
        largest = x.max(axis=1, keepdims=True) if shift else np.zeros((len(x), 1), x.dtype)
        e = np.exp(x - largest)
        return e / over_rows(e), np.log(over_rows(e)) + largest, prompt.real("y.cotangent")

    @registry.operation("softmax-of-rows")
    def softmax(prompt):
        y, _, g = exponentials(prompt)
        return {"y": y, "x.gradient": y * (g - over_rows(g * y))}

    @registry.operation("log-softmax-of-rows")
    def log_softmax(prompt):
        p, _, g = exponentials(prompt)
        return {"y": np.log(p), "x.gradient": g - p * over_rows(g)}

    @registry.operation("log-sum-exp-of-rows")
    def log_sum_exp(prompt):
        p, total, g = exponentials(prompt)
        return {"y": total[:, 0], "x.gradient": g[:, None] * p}

    @registry.operation("entropy-of-rows")
    def entropy(prompt):
        p, _, g = exponentials(prompt)
        y = -(p * np.log(p)).sum(axis=1)
        return {"y": y, "x.gradient": -g[:, None] * p * (np.log(p) + y[:, None])}


row_operations(STABLE, shift=True)
row_operations(DIRECT, shift=False)


def node(prompt):
    """The ONNX node of an operation: its kind, its inputs, its attributes; None where there is none."""
    kind = prompt.operation
    x = {name: prompt.real(name) for name in ("x", "a", "b", "c", "weight", "bias", "runningMean", "runningVariance")
         if name in prompt}
    if kind in ("softmax-of-rows", "log-softmax-of-rows") and "absent" not in prompt:
        return {"softmax-of-rows": "Softmax", "log-softmax-of-rows": "LogSoftmax"}[kind], [x["x"]], {"axis": 1}
    if kind == "log-sum-exp-of-rows" and "absent" not in prompt:
        return "ReduceLogSumExp", [x["x"], np.array([1])], {"keepdims": 0}
    if kind == "l2-normalisation" and prompt.parameter("epsilon", 1e-12) == 1e-12:
        return "LpNormalization", [x["x"]], {"axis": 1, "p": 2}
    if kind == "global-average-pool":
        return "GlobalAveragePool", [x["x"]], {}
    if kind == "relu" and "residual" not in prompt:
        return "Relu", [x["x"]], {}
    if kind == "convolution":
        stride, padding = prompt.parameter("stride", 1), prompt.parameter("padding", 0)
        attributes = {"strides": [stride] * 2, "pads": [padding] * 4}
        return "Conv", [x[n] for n in ("x", "weight", "bias") if n in x], attributes
    if kind in ("linear", "matrix-product"):
        if kind == "linear":
            return "Gemm", [x["x"], x["weight"], x["bias"]], {"transB": 1}
        flags = {"trans" + side: int(prompt.parameter("transpose" + side, False)) for side in "AB"}
        return "Gemm", [x[n] for n in ("a", "b", "c") if n in x], flags
    if kind == "batch-norm" and prompt.parameter("mode", "training") == "evaluation" \
            and not prompt.parameter("rectified", False):
        inputs = [x[n] for n in ("x", "weight", "bias", "runningMean", "runningVariance")]
        return "BatchNormalization", inputs, {"epsilon": prompt.parameter("epsilon", 1e-5)}
    return None


def run_node(kind, inputs, attributes, dtype):
    import onnx
    import onnxruntime
    from onnx import helper
    types = {np.dtype(np.float32): onnx.TensorProto.FLOAT, np.dtype(np.float64): onnx.TensorProto.DOUBLE,
             np.dtype(np.int64): onnx.TensorProto.INT64}
    names = [f"x{i}" for i in range(len(inputs))]
    graph = helper.make_graph(
        [helper.make_node(kind, names, ["y"], **attributes)], "one-node",
        [helper.make_tensor_value_info(n, types[i.dtype], i.shape) for n, i in zip(names, inputs)],
        [helper.make_tensor_value_info("y", types[dtype], None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip(names, inputs)))[0]


class OnnxRuntime(Backend):
    """Answers with this package's own tensors, but for the output y."""

    def __init__(self, version, own):
        operations = ("softmax-of-rows", "log-softmax-of-rows", "log-sum-exp-of-rows", "l2-normalisation",
                      "global-average-pool", "relu", "convolution", "linear", "matrix-product", "batch-norm")
        super().__init__("onnxruntime", version, dict.fromkeys(operations), partial=True)
        self.own, self.answered, self.missing = own, set(), set()

    def answer(self, prompt):
        outputs, found = files.load(self.own / (prompt.identifier + ".safetensors")), node(prompt)
        try:
            if found:
                outputs["y"] = run_node(*found, prompt.dtype).reshape(outputs["y"].shape)
                self.answered.add(prompt.identifier)
        except Exception as error:  # of no common class but this
            if "NOT_IMPLEMENTED" not in str(error):
                raise
            self.missing.add(found[0])
        prompt.read.update(prompt.parameters, prompt.inputs)
        return outputs

    def claims(self, asked, only):
        return sorted(self.answered)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prompts", type=Path)
    parser.add_argument("own", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--dtype", choices=["float64", "float32"], default="float32")
    options = parser.parse_args()
    options.only = "*"
    np.seterr(all="ignore")
    out = options.out
    for name, registry in (("numpy-shifted", STABLE), ("numpy-direct", DIRECT)):
        options.out = out / name
        Backend(name, np.__version__, registry, partial=True).run(options)
    import onnxruntime
    options.out = out / "onnxruntime"
    runtime = OnnxRuntime(onnxruntime.__version__, options.own)
    runtime.run(options)
    print(f"onnxruntime claims {len(runtime.answered)} cases; without a kernel: {sorted(runtime.missing) or 'none'}")


if __name__ == "__main__":
    main()
