// A grey view in plain code, with switches for deviations: the map, the sampling, the photometry.
// Tests    OracleTests/CoverageCasesTests.swift
import Files
import Images
import Kernels
import Networks

/// One view in Double, step by step.
struct TextbookGreyView: Sendable {
  /// What lies outside an image.
  enum Outside: Sendable { case zero, repeated, mirrored }

  let view: GreyViewPrompt
  /// The six numbers of the map, as `ViewParameters.matrix` gives them.
  var matrix: [Double]
  var outside = Outside.zero
  var isNearest = false
  /// Whether −1 and 1 are the centres of the corner pixels.
  var alignsCorners = false
  /// A pixel after contrast and brightness; `mean` is that of the warped plane.
  var photometry: @Sendable (_ value: Double, _ parameters: ViewParameters, _ mean: Double) -> Double = { x, p, _ in
    let value = x * p.contrast
    return value > Augmentation.brightnessThreshold ? value + p.brightness : value
  }

  init(_ prompt: Prompt) throws(OracleError) {
    view = try GreyViewPrompt(prompt: prompt)
    matrix = view.parameters.matrix(height: view.height, width: view.width)
  }

  /// The warped image, before any change of brightness.
  func warped(_ image: Tensor<Double>? = nil) -> Tensor<Double> {
    let image = image ?? view.image
    let (width, height) = (view.width, view.height)
    func coordinate(_ i: Int, _ n: Int) -> Double {
      alignsCorners ? (n > 1 ? 2 * Double(i) / Double(n - 1) - 1 : 0) : (2 * Double(i) + 1) / Double(n) - 1
    }
    func index(_ coordinate: Double, _ n: Int) -> Double {
      alignsCorners ? (coordinate + 1) / 2 * Double(n - 1) : ((coordinate + 1) * Double(n) - 1) / 2
    }
    return image.mapped { i, _ in
      let (channel, row, column) = (i / (width * height), i / width % height, i % width)
      let (x, y) = (coordinate(column, width), coordinate(row, height))
      let (sourceX, sourceY) = (
        index(matrix[0] * x + matrix[1] * y + matrix[2], width),
        index(matrix[3] * x + matrix[4] * y + matrix[5], height)
      )
      func pixel(_ column: Int, _ row: Int) -> Double {
        guard let column = inside(column, width), let row = inside(row, height) else { return 0 }
        return image.values[(channel * height + row) * width + column]
      }
      if isNearest { return pixel(Int(sourceX.rounded()), Int(sourceY.rounded())) }
      let (left, top) = (sourceX.rounded(.down), sourceY.rounded(.down))
      let (u, v) = (sourceX - left, sourceY - top)
      let (c, r) = (Int(left), Int(top))
      return (pixel(c, r) * (1 - u) + pixel(c + 1, r) * u) * (1 - v)
        + (pixel(c, r + 1) * (1 - u) + pixel(c + 1, r + 1) * u) * v
    }
  }

  private func inside(_ i: Int, _ n: Int) -> Int? {
    if (0..<n).contains(i) { return i }
    switch outside {
    case .zero: return nil
    case .repeated: return min(max(i, 0), n - 1)
    case .mirrored:
      let turned = ((i % (2 * n)) + 2 * n) % (2 * n)
      return turned < n ? turned : 2 * n - 1 - turned
    }
  }

  /// The finished view of a warped image.
  func finished(_ warped: Tensor<Double>, erases: Bool = true) -> Tensor<Double> {
    let (area, p) = (view.width * view.height, view.parameters)
    let means = (0..<view.channels).map { c in warped.row(c).reduce(0, +) / Double(area) }
    let changed = warped.mapped { i, x in
      erases && isErased(i) ? 0 : photometry(x, p, means[i / area])
    }
    return standardised(changed)
  }

  /// Whether an element lies in the erased box.
  func isErased(_ i: Int) -> Bool {
    guard let box = view.parameters.erased else { return false }
    let (row, column) = (i / view.width % view.height, i % view.width)
    return (box.left..<box.left + box.width).contains(column) && (box.top..<box.top + box.height).contains(row)
  }

  /// An image by each channel's mean and deviation.
  func standardised(_ image: Tensor<Double>) -> Tensor<Double> {
    guard let numbers = view.standardisation else { return image }
    let area = view.width * view.height
    return image.mapped { i, x in (x - numbers[i / area].mean) / numbers[i / area].deviation }
  }

  /// The view.
  var answer: [String: TensorValue] { ["y": .real(finished(warped()))] }
}
