// Cuts a box out of a picture and resizes it, bilinearly and with antialiasing, in 8-bit fixed point as Pillow does.
//
// Output x of n, from a length m, has its centre at c = (x + 1/2) s with s = m / n, and the weights of a triangle of
// half-width max(s, 1) around it, normalised, then rounded to multiples of 2⁻²². So a picture that shrinks is averaged,
// not sampled. One axis after the other, with bytes between: the order decides bytes, and Pillow 13 changed it.
// Tests    ImagesTests/ImageResizeTests.swift    Fixture  Fixtures/images/colour-views.json
import Kernels

/// The fixed-point weights by which one axis changes its length.
package struct ResizeWeights {
  /// The bits after the point.
  static let precision: Int32 = 22

  /// How many inputs take part in an output at most.
  let taps: Int
  /// The first input of each output; `taps` inputs from there on exist.
  private(set) var starts: [Int] = []
  /// outputs × taps, in units of 2⁻²²; 0 outside the triangle.
  private(set) var weights: [Int32] = []
  /// The smallest distance of a weight from a rounding half, in units of 2⁻²².
  package private(set) var margin = 0.5

  /// The weights from a length to another, both at least 1.
  package init(from length: Int, to newLength: Int) {
    let scale = Double(length) / Double(newLength)
    let support = max(scale, 1)
    taps = min(length, Int((2 * support).rounded(.up)))
    starts.reserveCapacity(newLength)
    weights.reserveCapacity(newLength * taps)
    for output in 0..<newLength {
      let centre = (Double(output) + 0.5) * scale
      let first = max(0, Int(centre - support + 0.5))
      let end = min(length, Int(centre + support + 0.5))
      let start = min(first, length - taps)
      let inverse = 1 / support
      let triangle = (start..<start + taps).map { input in
        input < first || input >= end ? 0 : max(0, 1 - abs((Double(input) - centre + 0.5) * inverse))
      }
      let sum = triangle.reduce(0, +)
      starts.append(start)
      for value in triangle {
        let scaled = value / sum * Double(1 << Self.precision)
        margin = min(margin, abs(scaled - scaled.rounded(.down) - 0.5))
        weights.append(Int32(scaled + 0.5))
      }
    }
  }
}

extension ColourImage {
  /// What is wrong with a box of this picture or a size as a sentence; nil if nothing is.
  public func problem(of box: ViewParameters.Box, height newHeight: Int, width newWidth: Int) -> String? {
    let inside =
      box.left >= 0 && box.top >= 0 && box.width > 0 && box.height > 0 && box.left <= width - box.width
      && box.top <= height - box.height
    if !inside {
      return
        "the box \(box.width) x \(box.height) at (\(box.left), \(box.top)) is not inside \(width) x \(height) pixels"
    }
    let sizes = 1...Self.largestSide
    if !sizes.contains(newHeight) || !sizes.contains(newWidth) {
      return "a picture must have sides of 1 to \(Self.largestSide), not \(newWidth) x \(newHeight)"
    }
    return nil
  }

  /// Which axis is resized first. Views that are nowhere smaller than their boxes do not depend on it.
  public enum PassOrder: String, Codable, Sendable, CaseIterable {
    /// Rows (their width) first, always: Pillow before version 13.
    case rowsFirst = "rows-first"
    /// Columns first where the height shrinks, and by more pixels than twice what the width loses: Pillow since version 13.
    case automatic

    /// Whether the columns of a box come first on its way to a new size.
    func startsWithColumns(_ box: ViewParameters.Box, height: Int, width: Int) -> Bool {
      self == .automatic && box.height > height && box.height - height > 2 * (box.width - width)
    }
  }

  /// The longest side that a picture can be resized to.
  public static let largestSide = 1 << 14

  /// The pixels of a box, resized; an axis that keeps its length keeps its bytes.
  ///
  /// - Parameters:
  ///   - box: Inside the picture.
  ///   - height: Of the result, 1 to 16,384.
  ///   - width: Of the result, 1 to 16,384.
  ///   - passes: Which axis comes first.
  public func resized(
    _ box: ViewParameters.Box, height newHeight: Int, width newWidth: Int, passes: PassOrder = .automatic
  ) -> ColourImage {
    if let problem = problem(of: box, height: newHeight, width: newWidth) { require(false, problem) }
    if passes.startsWithColumns(box, height: newHeight, width: newWidth) {
      let cut = ColourImage(height: box.height, width: box.width, pixels: resizedRows(box, to: box.width))
      let low = cut.resizedColumns(to: newHeight)
      let whole = ViewParameters.Box(left: 0, top: 0, width: box.width, height: newHeight)
      return ColourImage(height: newHeight, width: newWidth, pixels: low.resizedRows(whole, to: newWidth))
    }
    return ColourImage(height: box.height, width: newWidth, pixels: resizedRows(box, to: newWidth))
      .resizedColumns(to: newHeight)
  }

  /// The box with rows of a new length: 3 × box height × new width.
  private func resizedRows(_ box: ViewParameters.Box, to newWidth: Int) -> [UInt8] {
    let source = pixels.span
    let resize = newWidth == box.width ? nil : ResizeWeights(from: box.width, to: newWidth)
    return [UInt8](capacity: 3 * box.height * newWidth) { result in
      for row in 0..<3 * box.height {
        let first = (row / box.height * height + box.top + row % box.height) * width + box.left
        guard let resize else {
          for column in 0..<newWidth { result.append(source[first + column]) }
          continue
        }
        let (starts, weights) = (resize.starts.span, resize.weights.span)
        var place = 0
        for column in 0..<newWidth {
          let start = first + starts[column]
          var sum: Int32 = 1 << (ResizeWeights.precision - 1)
          for tap in 0..<resize.taps { sum &+= Int32(source[start + tap]) &* weights[place + tap] }
          place += resize.taps
          result.append(Self.byte(sum))
        }
      }
    }
  }

  /// The picture with columns of a new length.
  private func resizedColumns(to newHeight: Int) -> ColourImage {
    guard newHeight != height else { return self }
    let (source, resize) = (pixels.span, ResizeWeights(from: height, to: newHeight))
    let (starts, weights) = (resize.starts.span, resize.weights.span)
    var sums = [Int32](repeating: 0, count: width)
    let result = [UInt8](capacity: 3 * newHeight * width) { result in
      for row in 0..<3 * newHeight {
        let (plane, output) = row.quotientAndRemainder(dividingBy: newHeight)
        for column in 0..<width { sums[column] = 1 << (ResizeWeights.precision - 1) }
        for tap in 0..<resize.taps {
          let weight = weights[output * resize.taps + tap]
          let input = source.extracting(droppingFirst: (plane * height + starts[output] + tap) * width)
          for column in 0..<width { sums[column] &+= Int32(input[column]) &* weight }
        }
        for column in 0..<width { result.append(Self.byte(sums[column])) }
      }
    }
    return ColourImage(height: newHeight, width: width, pixels: result)
  }

  /// A sum of bytes times weights as a byte.
  @inline(__always)
  private static func byte(_ sum: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: min(255, max(0, sum >> ResizeWeights.precision)))
  }
}
