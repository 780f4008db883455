// How the cases of losses, banks and heads come by their tensors.
// Tests    OracleTests/LossCasesTests.swift
import Kernels
import Networks

/// One case of a loss before its inputs are drawn: a slug, what it is, its parameters and what it catches.
struct LossCase {
  var slug: String
  var summary: String
  var parameters: [String: ParameterValue] = [:]
  var catches: [String]

  /// The case of an area with its inputs.
  func recipe(_ area: String, _ operation: String, _ inputs: [String: TensorValue]) -> CaseRecipe {
    CaseRecipe(
      area: area, slug: "\(operation)-\(slug)", summary: summary, catches: catches,
      prompt: Prompt(operation: operation, parameters: parameters, inputs: inputs))
  }
}

extension NetworkDrawing {
  /// Two unit views of each of `images` images, the first above the second: one direction an image, and noise on it.
  ///
  /// `noise` is its length relative to the direction; two views' cosine is about 1 / (1 + noise²).
  func twoViews(_ images: Int, features: Int, noise: Double, _ image: Int) -> TensorValue {
    var stream = RandomStream(seed: seed, purpose: .test, image: image)
    let size = noise / Double(features).squareRoot()
    let directions = unit((0..<images * features).map { _ in stream.normal() }, columns: features)
    let views = (0..<2 * images * features).map { directions[$0 % (images * features)] + size * stream.normal() }
    return .real(
      Tensor<Float>(shape: [2 * images, features], values: unit(views, columns: features).map { Float($0) }))
  }

  /// Unit rows near those of a bank, one for each of `images`.
  func viewsOf(bank: TensorValue, _ images: [Int], noise: Double, _ image: Int) -> TensorValue {
    guard case .real(let rows) = bank else { return bank }
    var stream = RandomStream(seed: seed, purpose: .test, image: image)
    let size = noise / Double(rows.columns).squareRoot()
    let views = images.flatMap { rows.row($0).map { $0 + size * stream.normal() } }
    return .real(
      Tensor<Float>(
        shape: [images.count, rows.columns], values: unit(views, columns: rows.columns).map { Float($0) }))
  }

  /// Rows of probabilities: the softmax of `sharpness` times normal numbers, rounded to Float.
  func distributions(_ rows: Int, _ classes: Int, sharpness: Double, _ image: Int) -> TensorValue {
    var stream = RandomStream(seed: seed, purpose: .test, image: image)
    let logits = (0..<rows * classes).map { _ in sharpness * stream.normal() }
    return .real(
      Tensor<Float>(
        shape: [rows, classes], values: softmaxOfRows(logits, columns: classes).map { Float($0) }))
  }

  /// Different images of a bank in no order.
  func batch(_ count: Int, of images: Int, _ image: Int) -> [Int] {
    var stream = RandomStream(seed: seed, purpose: .test, image: image)
    return Array(stream.permutation(of: images).prefix(count))
  }

  private func unit(_ values: [Double], columns: Int) -> [Double] {
    L2Normalisation().forward(Tensor(shape: [values.count / columns, columns], values: values)).output.values
  }

  /// The first drawing from a seed on whose prompt keeps every margin of its operation.
  static func firstApart(
    from seed: UInt32, atLeast smallest: Double = smallestMargin, _ prompt: (NetworkDrawing) -> Prompt
  ) throws(OracleError) -> Prompt {
    for offset in 0..<2000 as Range<UInt32> {
      let candidate = prompt(NetworkDrawing(seed: seed + offset))
      let margins = try Operations.named(candidate.operation).margins(candidate)
      if margins.values.allSatisfy({ $0 >= smallest }) { return candidate }
    }
    throw OracleError("no seed from \(seed) to \(seed + 1999) keeps \(smallest) from every tie")
  }
}

extension TensorValue {
  /// A list of whole numbers.
  static func list(_ numbers: [Int]) -> TensorValue { .integers(numbers, shape: [numbers.count]) }

  /// A table of neighbours, −1 where a row has fewer.
  static func neighbours(_ lists: [Int: [Int]], images: Int) -> TensorValue {
    let columns = max(1, lists.values.reduce(0) { max($0, $1.count) })
    let table = (0..<images).flatMap { i in
      let list = lists[i] ?? []
      return list + Array(repeating: -1, count: columns - list.count)
    }
    return .integers(table, shape: [images, columns])
  }

  /// A matrix of given rows.
  static func rows(_ rows: [[Double]]) -> TensorValue { .real(Tensor<Double>(rows: rows)) }
}
