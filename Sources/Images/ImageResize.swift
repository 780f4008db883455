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
    let inverse = 1 / support
    for output in 0..<newLength {
      let centre = (Double(output) + 0.5) * scale
      let first = max(0, Int(centre - support + 0.5))
      let end = min(length, Int(centre + support + 0.5))
      let start = min(first, length - taps)
      starts.append(start)
      // Worked out twice, which is faster than to keep them in an array of their own.
      func triangle(_ input: Int) -> Double {
        input < first || input >= end ? 0 : max(0, 1 - abs((Double(input) - centre + 0.5) * inverse))
      }
      var sum = 0.0
      for input in start..<start + taps { sum += triangle(input) }
      for input in start..<start + taps {
        let scaled = triangle(input) / sum * Double(1 << Self.precision)
        let weight = Int32(scaled + 0.5)
        margin = min(margin, 0.5 - abs(scaled - Double(weight)))
        weights.append(weight)
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

  /// Which axis is resized first.
  ///
  /// Views that are nowhere smaller than their boxes do not depend on it.
  public enum PassOrder: String, Codable, Sendable, CaseIterable {
    /// Rows (their width) first, always: Pillow before version 13.
    case rowsFirst = "rows-first"
    /// Columns first where the height shrinks, and by more pixels than twice what the width loses: Pillow since version 13.
    case automatic

    /// Whether the columns of a box come first on its way to a new size.
    package func startsWithColumns(_ box: ViewParameters.Box, height: Int, width: Int) -> Bool {
      self == .automatic && box.height > height && box.height - height > 2 * (box.width - width)
    }
  }

  /// The longest side that a picture can be resized to.
  public static let largestSide = 1 << 14

  /// The pixels of a box, resized; an axis that keeps its length keeps its bytes.
  ///
  /// - Parameters:
  ///   - box: Inside the picture.
  ///   - newHeight: Of the result, 1 to 16,384.
  ///   - newWidth: Of the result, 1 to 16,384.
  ///   - passes: Which axis comes first.
  /// - Returns: A picture of newHeight × newWidth pixels.
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
    var result = [UInt8](repeating: 0, count: 3 * box.height * newWidth)
    var target = result.mutableSpan
    let (source, resize) = (pixels.span, ResizeWeights(from: box.width, to: newWidth))
    let (starts, weights, taps) = (resize.starts.span, resize.weights.span, resize.taps)
    for row in 0..<3 * box.height {
      let (plane, boxRow) = row.quotientAndRemainder(dividingBy: box.height)
      let first = (plane * height + box.top + boxRow) * width + box.left
      let line = source.extracting(first..<first + box.width)
      let index = row * newWidth
      if newWidth == box.width {
        for column in 0..<newWidth { target[index + column] = line[column] }
      } else if taps == 2 {
        for column in 0..<newWidth {
          let start = starts[column]
          target[index + column] = Self.byte(
            Self.half &+ Int32(line[start]) &* weights[2 * column] &+ Int32(line[start + 1]) &* weights[2 * column + 1])
        }
      } else {
        for column in 0..<newWidth {
          var sum = Self.half
          for tap in 0..<taps { sum &+= Int32(line[starts[column] + tap]) &* weights[column * taps + tap] }
          target[index + column] = Self.byte(sum)
        }
      }
    }
    return result
  }

  /// The picture with columns of a new length.
  private func resizedColumns(to newHeight: Int) -> ColourImage {
    guard newHeight != height else { return self }
    var result = [UInt8](repeating: 0, count: 3 * newHeight * width)
    var target = result.mutableSpan
    let (source, resize) = (pixels.span, ResizeWeights(from: height, to: newHeight))
    let (starts, weights, taps) = (resize.starts.span, resize.weights.span, resize.taps)
    var sums = [Int32](repeating: 0, count: width)
    for row in 0..<3 * newHeight {
      let (plane, output) = row.quotientAndRemainder(dividingBy: newHeight)
      let first = plane * height + starts[output]
      let index = row * width
      if taps == 2 {
        let upper = source.extracting(first * width..<(first + 1) * width)
        let lower = source.extracting((first + 1) * width..<(first + 2) * width)
        let (weight, other) = (weights[2 * output], weights[2 * output + 1])
        for column in 0..<width {
          target[index + column] = Self.byte(
            Self.half &+ Int32(upper[column]) &* weight &+ Int32(lower[column]) &* other)
        }
        continue
      }
      for column in sums.indices { sums[column] = Self.half }
      for tap in 0..<taps {
        let (input, weight) = (
          source.extracting((first + tap) * width..<(first + tap + 1) * width), weights[output * taps + tap]
        )
        for column in 0..<width { sums[column] &+= Int32(input[column]) &* weight }
      }
      for column in 0..<width { target[index + column] = Self.byte(sums[column]) }
    }
    return ColourImage(height: newHeight, width: width, pixels: result)
  }

  /// One half, to round by.
  private static var half: Int32 { 1 << (ResizeWeights.precision - 1) }

  /// A sum of bytes times weights as a byte.
  @inline(__always)
  private static func byte(_ sum: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: min(255, max(0, sum >> ResizeWeights.precision)))
  }
}
