// What the tests of losses, banks, neighbours and heads share: bounds seen from both sides, and reorderings of a case.
import Kernels
import Networks
import Oracle
import Testing

/// Expects every Float answer of an area's cases inside its bound, and every margin kept.
func expectFloatInside(_ area: String, margin: Double = 1e-3, where isMeant: (CasePrompt) -> Bool = { _ in true })
  throws
{
  let chosen = try corpusPrompts(in: area).filter(isMeant)
  #expect(!chosen.isEmpty)
  for casePrompt in chosen {
    let (ratio, name) = worstRatio(
      try casePrompt.answer(as: Float.self), try casePrompt.answer(as: Double.self), try casePrompt.scales())
    #expect(ratio <= 1, "\(casePrompt.slug): \(name) is \(ratio) bounds away")
    let margins = try Operations.named(casePrompt.prompt.operation).margins(casePrompt.prompt)
    #expect(margins.values.allSatisfy { $0 >= margin }, "\(casePrompt.slug): \(margins)")
  }
}

/// The least number of bounds that a change by a hundredth makes, over the elements of at least a hundredth of the tensor's
/// largest; infinite for a tensor of zeros.
func leastHundredth(_ value: Tensor<Double>, _ scale: RoundingScale) -> Double {
  let largest = value.values.reduce(0) { max($0, abs($1)) }
  return value.values.indices.reduce(Double.infinity) { least, i in
    guard abs(value.values[i]) >= 0.01 * largest, largest > 0 else { return least }
    return min(least, 0.01 * abs(value.values[i]) / (Double(scale.terms) * 0x1p-24 * scale.values.values[i]))
  }
}

/// A case with the order of its images, features, classes, heads and rows changed, and the way back.
///
/// Sums then run in another order: what the package answers is the answer of another legal implementation.
struct Reordering {
  /// The axes of a tensor by name, and what its whole numbers count.
  struct Layout {
    var axes: [String]
    var holds: String?
  }

  /// Axes that keep their order: they say which is which.
  private static let fixed: Set<String> = ["step", "place", "k", "anchor"]

  private let layouts: [String: Layout]
  private var orders: [String: [Int]] = [:]

  /// Draws an order for every axis of a prompt.
  init(_ casePrompt: CasePrompt, run: Int) throws {
    guard let layouts = Self.layouts[casePrompt.prompt.operation] else {
      throw OracleError("the operation \(casePrompt.prompt.operation) has no layout")
    }
    self.layouts = layouts
    var stream = RandomStream(seed: 0x6f72, purpose: .test, epoch: run)
    for (name, value) in casePrompt.prompt.inputs.sorted(by: { $0.key < $1.key }) {
      guard let axes = layouts[name]?.axes, axes.count == value.shape.count else { continue }
      for (axis, size) in zip(axes, value.shape) where orders[axis] == nil && !Self.fixed.contains(axis) {
        if axis == "view" {
          orders["batch"] = orders["batch"] ?? stream.permutation(of: size / 2)
          orders[axis] = (orders["batch"] ?? []) + (orders["batch"] ?? []).map { $0 + size / 2 }
        } else {
          orders[axis] = stream.permutation(of: size)
        }
      }
    }
  }

  /// The case in the new order.
  func forth(_ casePrompt: CasePrompt) -> CasePrompt {
    var casePrompt = casePrompt
    for (name, value) in casePrompt.prompt.inputs { casePrompt.prompt.inputs[name] = moved(name, value, back: false) }
    return casePrompt
  }

  /// An answer in the old order.
  func back(_ answer: [String: TensorValue]) -> [String: TensorValue] {
    Dictionary(uniqueKeysWithValues: answer.map { ($0.key, moved($0.key, $0.value, back: true)) })
  }

  private func moved(_ name: String, _ value: TensorValue, back: Bool) -> TensorValue {
    guard let layout = layouts[name], layout.axes.count <= value.shape.count else { return value }
    let steps = Array(repeating: "step", count: value.shape.count - layout.axes.count)
    let sources = sources(of: value.shape, steps + layout.axes, back: back)
    switch value {
    case .real(let tensor): return .real(Tensor<Double>(shape: tensor.shape, values: sources.map { tensor.values[$0] }))
    case .integers(let numbers, let shape):
      guard let order = layout.holds.flatMap({ orders[$0] }) else {
        return .integers(sources.map { numbers[$0] }, shape: shape)
      }
      let names = back ? order : inverse(order)
      return .integers(sources.map { numbers[$0] < 0 ? numbers[$0] : names[numbers[$0]] }, shape: shape)
    case .bytes: return value
    }
  }

  private func inverse(_ order: [Int]) -> [Int] {
    var inverse = order
    for (new, old) in order.enumerated() { inverse[old] = new }
    return inverse
  }

  /// For every place of the new tensor its place in the old one.
  private func sources(of shape: [Int], _ axes: [String], back: Bool) -> [Int] {
    var sources = [0]
    for (axis, size) in zip(axes, shape) {
      let order = orders[axis].map { back ? inverse($0) : $0 } ?? Array(0..<size)
      sources = sources.flatMap { source in order.map { source * size + $0 } }
    }
    return sources
  }

  private static let layouts: [String: [String: Layout]] = {
    let (bank, views) = (Layout(axes: ["image", "feature"]), Layout(axes: ["view", "feature"]))
    let logits = Layout(axes: ["row", "image"])
    let images = Layout(axes: ["row"], holds: "image")
    let neighbours = Layout(axes: ["image", "k"], holds: "image")
    let probabilities = Layout(axes: ["batch", "class"])
    let heads = Layout(axes: ["head", "feature", "class"])
    let perHead = Layout(axes: ["head"])
    let logitLoss = [
      "logits": logits, "images": images, "neighbours": neighbours, "logits.gradient": logits,
    ]
    let rows = Layout(axes: ["row", "feature"])
    let embeddingLoss = [
      "embeddings": rows, "bank": bank, "images": images, "neighbours": neighbours, "embeddings.gradient": rows,
    ]
    return [
      "instance-neighbourhood": logitLoss, "unification-entropy": logitLoss,
      "instance-neighbourhood-of-embeddings": embeddingLoss, "unification-entropy-of-embeddings": embeddingLoss,
      "batch-loss": ["rows": views, "rows.gradient": views],
      "relation-loss": ["embeddings": views, "bank": bank, "embeddings.gradient": views],
      "mutual-information": [
        "first": probabilities, "second": probabilities, "first.gradient": probabilities,
        "second.gradient": probabilities, "joint": Layout(axes: ["class", "class"]),
      ],
      "stage-one-loss": [
        "embeddings": views, "bank": bank, "images": Layout(axes: ["batch"], holds: "image"), "neighbours": neighbours,
        "embeddings.gradient": views,
      ],
      "stage-two-loss": [
        "embeddings": views, "heads": heads, "embeddings.gradient": views, "heads.losses": perHead,
        "heads.information": perHead,
      ],
      "memory-logits": [
        "bank": bank, "embeddings": Layout(axes: ["row", "feature"]), "logits.cotangent": logits, "logits": logits,
        "embeddings.gradient": Layout(axes: ["row", "feature"]),
      ],
      "memory-update": [
        "bank": bank, "bank.new": bank, "images": Layout(axes: ["place"], holds: "image"),
        "embeddings": Layout(axes: ["place", "feature"]),
      ],
      "bank-entropies": ["bank": bank, "entropies": Layout(axes: ["image"])],
      "neighbourhood-discovery": [
        "bank": bank, "anchors": Layout(axes: ["anchor"], holds: "image"),
        "neighbours": Layout(axes: ["anchor", "k"], holds: "image"),
      ],
      "nearest-rows": [
        "rows": bank, "queries": Layout(axes: ["row"], holds: "image"),
        "neighbours": Layout(axes: ["row", "k"], holds: "image"),
      ],
      "neighbour-similarities": [
        "rows": bank, "queries": Layout(axes: ["row"], holds: "image"),
        "neighbours": Layout(axes: ["row", "k"], holds: "image"), "similarities": Layout(axes: ["row", "k"]),
      ],
      "cluster-heads": [
        "embeddings": Layout(axes: ["row", "feature"]), "heads": heads,
        "probabilities.cotangent": Layout(axes: ["head", "row", "class"]),
        "probabilities": Layout(axes: ["head", "row", "class"]),
        "embeddings.gradient": Layout(axes: ["row", "feature"]), "heads.gradient": heads,
        "classes": Layout(axes: ["head", "row"], holds: "class"),
      ],
    ]
  }()
}

/// Expects the Float answers of reordered cases inside their bounds; returns how many there were.
func expectReorderingsInside(_ areas: [String], runs: Int) throws -> Int {
  var count = 0
  for area in areas {
    for casePrompt in try corpusPrompts(in: area) {
      let (right, scales) = (try casePrompt.answer(as: Double.self), try casePrompt.scales())
      for run in 0..<runs {
        let reordering = try Reordering(casePrompt, run: 1000 * count + run)
        let answer = reordering.back(try reordering.forth(casePrompt).answer(as: Float.self))
        let (ratio, name) = worstRatio(answer, right, scales)
        #expect(ratio <= 1, "\(casePrompt.slug), order \(run): \(name) is \(ratio) bounds away")
        count += 1
      }
    }
  }
  return count
}
