"""PyTorch's layers in float64: random shapes and sizes of numbers, forward, and backward through autograd with our cotangents."""
import math

import numpy
import torch
import torch.nn.functional as F
import torchvision

from asking import Draw, Question, single

# How many prompts of each operation; 1,580 in all.
COUNTS = {"convolution": 250, "matrix-product": 120, "linear": 90, "batch-norm": 180, "batch-norm-sequence": 40, "relu": 50,
          "global-average-pool": 60, "sobel": 40, "residual-block": 60, "l2-normalisation": 100, "softmax-of-rows": 100,
          "log-softmax-of-rows": 100, "log-sum-exp-of-rows": 70, "entropy-of-rows": 60, "instance-neighbourhood": 80,
          "sgd": 100, "learning-rate": 30, "grey-view": 50}


class Tensors(Draw):
    """Numbers of tensors."""

    def numbers(self, *shape, scale=None, offset=None):
        """Normal numbers of a size from 1/100 to 100, sometimes all moved as far as they are apart, or with zeros among them."""
        scale = self.one(0.01, 1.0, 1.0, 100.0) if scale is None else scale
        offset = self.one(0.0, 0.0, 1.0) if offset is None else offset
        x = scale * (self.random.standard_normal(shape) + offset * self.random.standard_normal())
        if self.random.random() < 0.2:
            x = x * (self.random.random(shape) < 0.7)
        return single(x)

    def positive(self, *shape):
        return single(numpy.exp(self.random.standard_normal(shape)))


def asked(operation, parameters, inputs, outputs, leaves, seed="y", constants=None):
    """The question whose outputs are outputs(tensors), and the gradients of <cotangent of seed, output seed>."""
    tensors = {name: torch.from_numpy(numpy.array(x)) for name, x in inputs.items()}
    for name in leaves:
        tensors[name].requires_grad_()
    answers = outputs(tensors)
    if leaves:
        whole = answers[seed]
        whole.backward(tensors[f"{seed}.cotangent"] if f"{seed}.cotangent" in tensors else torch.ones_like(whole))
    theirs = {name: y.detach().numpy() for name, y in answers.items()}
    theirs |= {f"{name}.gradient": tensors[name].grad.numpy() for name in leaves}
    return Question(operation, parameters, inputs, theirs | (constants or {}))


def convolution(d):
    parameters = {"stride": d.size(1, 3), "padding": d.size(0, 3)}
    n, c, o, k, l = d.size(1, 4), d.size(1, 5), d.size(1, 5), d.size(1, 4), d.size(1, 4)
    h, w = d.size(k, k + 8), d.size(l, l + 8)
    inputs = {"x": d.numbers(n, c, h, w), "weight": d.numbers(o, c, k, l)}
    if d.one(True, False):
        inputs["bias"] = d.numbers(o)
    sides = [(s + 2 * parameters["padding"] - t) // parameters["stride"] + 1 for s, t in ((h, k), (w, l))]
    leaves = list(inputs)
    inputs["y.cotangent"] = d.numbers(n, o, *sides)
    return asked("convolution", parameters, inputs, lambda t: {"y": F.conv2d(
        t["x"], t["weight"], t.get("bias"), parameters["stride"], parameters["padding"])}, leaves)


def matrix_product(d):
    parameters = {name: d.one(True, False) for name in ("transposeA", "transposeB", "accumulate")}
    m, k, n = d.size(1, 12), d.size(1, 40), d.size(1, 12)
    turned = lambda t, name: t.T if parameters[name] else t
    inputs = {"a": d.numbers(*((k, m) if parameters["transposeA"] else (m, k))),
              "b": d.numbers(*((n, k) if parameters["transposeB"] else (k, n))), "y.cotangent": d.numbers(m, n)}
    if parameters["accumulate"]:
        inputs["c"] = d.numbers(m, n)
    return asked("matrix-product", parameters, inputs, lambda t: {
        "y": turned(t["a"], "transposeA") @ turned(t["b"], "transposeB") + t.get("c", 0)}, ["a", "b"])


def linear(d):
    rows, n, m = d.size(1, 12), d.size(1, 30), d.size(1, 12)
    inputs = {"x": d.numbers(rows, n), "weight": d.numbers(m, n), "bias": d.numbers(m), "y.cotangent": d.numbers(rows, m)}
    return asked("linear", {}, inputs, lambda t: {"y": F.linear(t["x"], t["weight"], t["bias"])}, ["x", "weight", "bias"])


def batch_norm(d):
    training, rectified = d.one(True, True, False), d.one(True, False)
    parameters = {"mode": "training" if training else "evaluation", "epsilon": d.one(1e-5, 1e-3, 0.1),
                  "momentum": d.one(0.1, 0.0, 1.0, 0.3), "rectified": rectified}
    n, c, h, w = d.size(2, 5), d.size(1, 5), d.size(1, 6), d.size(1, 6)
    inputs = {"x": d.numbers(n, c, h, w), "weight": d.numbers(c, scale=1.0), "bias": d.numbers(c, scale=1.0),
              "runningMean": d.numbers(c, scale=1.0), "runningVariance": d.positive(c), "y.cotangent": d.numbers(n, c, h, w)}

    def outputs(t):
        running = t["runningMean"].clone(), t["runningVariance"].clone()
        y = F.batch_norm(t["x"], *running, t["weight"], t["bias"], training, parameters["momentum"], parameters["epsilon"])
        return {"y": F.relu(y) if rectified else y, "runningMean.new": running[0], "runningVariance.new": running[1]}
    return asked("batch-norm", parameters, inputs, outputs, ["x", "weight", "bias"])


def batch_norm_sequence(d):
    modes = [d.one("training", "training", "evaluation") for _ in range(d.size(1, 6))]
    n, c, h, w = d.size(2, 4), d.size(1, 4), d.size(1, 4), d.size(1, 4)
    parameters = {"modes": modes, "epsilon": d.one(1e-5, 1e-3), "momentum": d.one(0.1, 0.5)}
    inputs = {"x": d.numbers(len(modes), n, c, h, w), "weight": d.numbers(c, scale=1.0), "bias": d.numbers(c, scale=1.0),
              "runningMean": d.numbers(c, scale=1.0), "runningVariance": d.positive(c)}

    def outputs(t):
        running, found = [t["runningMean"].clone(), t["runningVariance"].clone()], []
        for x, mode in zip(t["x"], modes):
            y = F.batch_norm(x, *running, t["weight"], t["bias"], mode == "training", parameters["momentum"], parameters["epsilon"])
            found.append((y, running[0].clone(), running[1].clone()))
        return {name: torch.stack(column) for name, column in zip(("y", "runningMeans", "runningVariances"), zip(*found))}
    return asked("batch-norm-sequence", parameters, inputs, outputs, [])


def relu(d):
    shape = [d.size(1, 6) for _ in range(d.size(1, 4))]
    inputs = {"x": d.numbers(*shape)} | ({"residual": d.numbers(*shape)} if d.one(True, False) else {})
    leaves = list(inputs)
    inputs["y.cotangent"] = d.numbers(*shape)
    return asked("relu", {}, inputs, lambda t: {"y": F.relu(t["x"] + t["residual"] if "residual" in t else t["x"])}, leaves)


def global_average_pool(d):
    shape = d.size(1, 4), d.size(1, 6), d.size(1, 9), d.size(1, 9)
    inputs = {"x": d.numbers(*shape), "y.cotangent": d.numbers(*shape[:2])}
    return asked("global-average-pool", {}, inputs, lambda t: {"y": F.adaptive_avg_pool2d(t["x"], 1).flatten(1)}, ["x"])


def sobel(d):
    shape = d.size(1, 3), d.size(1, 4), d.size(1, 9), d.size(1, 9)
    first = torch.tensor([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]], dtype=torch.float64)
    kernels = torch.stack([first, first.T])[:, None]
    inputs = {"x": d.numbers(*shape), "y.cotangent": d.numbers(shape[0], 2, *shape[2:])}
    return asked("sobel", {}, inputs, lambda t: {"y": F.conv2d(t["x"].mean(1, keepdim=True), kernels, padding=1)}, ["x"])


def residual_block(d):
    """torchvision's block, with a shortcut exactly where the shape changes."""
    c, o, stride = d.size(1, 4), d.size(1, 4), d.size(1, 2)
    changes = stride > 1 or c != o
    training = d.one(True, False)
    shortcut = torch.nn.Sequential(torch.nn.Conv2d(c, o, 1, stride, bias=False), torch.nn.BatchNorm2d(o)) if changes else None
    block = torchvision.models.resnet.BasicBlock(c, o, stride, shortcut).double().train(training)
    n, h, w = d.size(2, 4), d.size(2, 7), d.size(2, 7)
    named = lambda name: name.replace("downsample", "shortcut")
    inputs = {"x": d.numbers(n, c, h, w, scale=1.0), "y.cotangent": d.numbers(n, o, *(-(-s // stride) for s in (h, w)))}
    with torch.no_grad():
        for name, tensor in block.state_dict().items():
            if tensor.dtype == torch.float64:
                value = d.positive(*tensor.shape) if "var" in name else d.numbers(*tensor.shape, scale=1.0)
                tensor.copy_(torch.from_numpy(value))
                inputs[named(name)] = value

    def outputs(t):
        y = block(t["x"])
        running = {f"{named(n)}.new": b.clone() for n, b in block.named_buffers() if "running" in n} if training else {}
        return {"y": y} | running
    question = asked("residual-block", {"stride": stride, "mode": "training" if training else "evaluation"}, inputs, outputs, ["x"])
    question.theirs |= {f"{named(name)}.gradient": p.grad.numpy() for name, p in block.named_parameters()}
    return question


def l2_normalisation(d):
    epsilon = d.one(1e-12, 1e-12, 0.5, 3.0)
    x = d.numbers(d.size(1, 8), d.size(1, 20))
    inputs = {"x": x[numpy.abs(x).max(1) > 0][:8] if numpy.any(x) else x + 1, "y.cotangent": None}
    inputs["y.cotangent"] = d.numbers(*inputs["x"].shape)
    return asked("l2-normalisation", {"epsilon": epsilon}, inputs, lambda t: {"y": F.normalize(t["x"], dim=1, eps=epsilon)}, ["x"])


def of_rows(operation, function, reduces=False, absent=False):
    """Softmax and its kin; absent entries are -inf in PyTorch, so that 0 times its gradient is left to it."""
    def drawn(d):
        x = d.numbers(d.size(1, 8), d.size(1, 20))
        inputs = {"x": x, "y.cotangent": d.numbers(len(x)) if reduces else d.numbers(*x.shape)}
        if absent and d.one(True, False):
            gone = (d.random.random(x.shape) < 0.3).astype(numpy.int64)
            gone[:, d.size(0, x.shape[1] - 1)] = 0
            inputs["absent"] = gone
        filled = lambda t: t["x"].masked_fill(t["absent"] == 1, -math.inf) if "absent" in t else t["x"]
        return asked(operation, {}, inputs, lambda t: {"y": function(filled(t))}, ["x"])
    return drawn


def entropy(x):
    """In PyTorch's own terms: distributions.Categorical."""
    return torch.distributions.Categorical(logits=x).entropy()


def cross_entropy(d):
    """The loss over neighbourhoods of the image alone."""
    rows, classes = d.size(1, 8), d.size(2, 12)
    reduction = d.one("mean", "sum")
    inputs = {"logits": d.numbers(rows, classes), "images": d.random.integers(0, classes, rows)}
    return asked("instance-neighbourhood", {"reduction": reduction}, inputs, lambda t: {
        "loss": F.cross_entropy(t["logits"], t["images"], reduction=reduction)}, ["logits"], seed="loss")


def sgd(d):
    steps, shape = d.size(1, 8), [d.size(1, 5) for _ in range(d.size(1, 3))]
    momentum = d.one(0.0, 0.5, 0.9)
    parameters = {"rates": [float(d.one(0.0, 0.03, 0.1, 1.0)) for _ in range(steps)], "momentum": momentum,
                  "nesterov": momentum > 0 and d.one(True, False), "weightDecay": d.one(0.0, 5e-4, 0.1)}
    inputs = {"parameter": d.numbers(*shape), "gradients": d.numbers(steps, *shape)}
    if momentum > 0 and d.one(True, False):
        inputs["velocity"] = d.numbers(*shape)
    w = torch.nn.Parameter(torch.from_numpy(inputs["parameter"].copy()))
    optimiser = torch.optim.SGD([w], lr=1.0, momentum=momentum, nesterov=parameters["nesterov"],
                                weight_decay=parameters["weightDecay"])
    if "velocity" in inputs:
        optimiser.state[w]["momentum_buffer"] = torch.from_numpy(inputs["velocity"].copy())
    found = {"parameters": [], "velocities": []}
    for rate, gradient in zip(parameters["rates"], inputs["gradients"]):
        optimiser.param_groups[0]["lr"] = rate
        w.grad = torch.from_numpy(gradient.copy())
        optimiser.step()
        found["parameters"].append(w.detach().numpy().copy())
        if momentum > 0:  # without momentum PyTorch keeps no velocity
            found["velocities"].append(optimiser.state[w]["momentum_buffer"].numpy().copy())
    return Question("sgd", parameters, inputs, {name: numpy.stack(x) for name, x in found.items() if x})


def learning_rate(d):
    """MultiStepLR with the drops of every schedule that has such; isif falls to a twentieth, which it cannot."""
    schedule, length = d.one("constant", "paper", "paperFromEpoch80", "fractions"), d.size(1, 400)
    first = {"paper": 120, "paperFromEpoch80": 80}.get(schedule)
    parts = [math.ceil(0.6 * length), math.ceil(0.8 * length)] if schedule == "fractions" else []
    drops = range(first, length, 40) if first else parts
    base = d.one(0.03, 0.1, 1.0)
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base)
    scheduler, rates = torch.optim.lr_scheduler.MultiStepLR(optimiser, list(drops), gamma=0.1), []
    for _ in range(length):
        rates.append(scheduler.get_last_lr()[0])
        optimiser.step()
        scheduler.step()
    return Question("learning-rate", {"base": base, "schedule": schedule, "length": length, "epochs": list(range(length))}, {},
                    {"rates": numpy.array(rates)})


def grey_view(d):
    """affine_grid and grid_sample; then contrast, brightness, the erased box and the standardisation by torchvision."""
    c, h, w = d.size(1, 3), d.size(2, 12), d.size(2, 12)
    p = {"rotationDegrees": float(d.random.uniform(-180, 180)), "shear": float(d.random.uniform(-0.5, 0.5)),
         "zoom": float(d.random.uniform(0.5, 2)), "stretch": float(d.random.uniform(0.7, 1.4)), "flipped": d.one(True, False),
         "shiftX": float(d.random.uniform(-2, 2)), "shiftY": float(d.random.uniform(-2, 2)), "contrast": d.one(1.0, 0.7, 1.3),
         "mean": [0.25] * c, "deviation": [0.5] * c}
    width, height = d.size(1, w), d.size(1, h)
    left, top = d.size(0, w - width), d.size(0, h - height)
    p["erased"] = [left, top, width, height]
    image = single(d.random.random((c, h, w)))
    angle = math.radians(p["rotationDegrees"])
    turn = numpy.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    linear_part = (turn @ [[1, p["shear"]], [0, 1]] @ numpy.diag([1 / (p["zoom"] * p["stretch"]), p["stretch"] / p["zoom"]])
                   @ numpy.diag([-1 if p["flipped"] else 1, 1]))
    theta = torch.from_numpy(numpy.column_stack([linear_part, [2 * p["shiftX"] / w, 2 * p["shiftY"] / h]]))
    grid = F.affine_grid(theta[None], [1, c, h, w], align_corners=False)
    y = F.grid_sample(torch.from_numpy(image)[None], grid, "bilinear", "zeros", align_corners=False)[0] * p["contrast"]
    y = torchvision.transforms.functional.erase(y, top, left, height, width, torch.tensor(0.0, dtype=torch.float64))
    y = torchvision.transforms.functional.normalize(y, p["mean"], p["deviation"])
    return Question("grey-view", p, {"image": image}, {"y": y.numpy()})


LAYERS = {"convolution": convolution, "matrix-product": matrix_product, "linear": linear, "batch-norm": batch_norm,
          "batch-norm-sequence": batch_norm_sequence, "relu": relu, "global-average-pool": global_average_pool, "sobel": sobel,
          "residual-block": residual_block, "l2-normalisation": l2_normalisation,
          "softmax-of-rows": of_rows("softmax-of-rows", lambda x: F.softmax(x, 1), absent=True),
          "log-softmax-of-rows": of_rows("log-softmax-of-rows", lambda x: F.log_softmax(x, 1)),
          "log-sum-exp-of-rows": of_rows("log-sum-exp-of-rows", lambda x: torch.logsumexp(x, 1), reduces=True, absent=True),
          "entropy-of-rows": of_rows("entropy-of-rows", entropy, reduces=True),
          "instance-neighbourhood": cross_entropy, "sgd": sgd, "learning-rate": learning_rate, "grey-view": grey_view}


def run(program, table):
    """The sweep."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    for operation, count in COUNTS.items():
        questions = [LAYERS[operation](Tensors(operation, number)) for number in range(count)]
        for number, question in enumerate(questions):
            question.source = f"number {number}"
        table.add(f"PyTorch {torch.__version__.split('+')[0]}, float64", questions, program.ask("torch", questions))
    table.notes.append(
        "PyTorch: absent entries are its -inf. Not compared: rows of zeros in l2-normalisation, whose gradient is 0 here by "
        "definition and g / epsilon there; velocities where the momentum is 0, which it does not keep. cross_entropy's gradient is "
        "p - 1 in the label's column and has lost its digits where p is within rounding of 1; the bounds of instance-neighbourhood "
        "want 1 - p from the sum over the others, so that those answers fail.")
