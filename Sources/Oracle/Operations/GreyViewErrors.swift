// How far the roundings of a grey view move its values, whichever way its places are computed.
// Tests    OracleTests/CoverageCasesTests.swift
import Files
import Images
import Kernels
import Networks

/// Running errors of one view, for programs that work all out in one precision: the place of every pixel by the matrix and
/// normalised coordinates, as PyTorch's affine_grid and grid_sample, or in pixels about the centre, as this package.
///
/// A bilinear image is continuous, so an error of the place moves the value by at most the steepest slope near it.
struct GreyViewErrors {
  private let view: GreyViewPrompt
  private let matrix: [RunningError]

  init(_ view: GreyViewPrompt) {
    self.view = view
    let (p, width, height) = (view.parameters, Double(view.width), Double(view.height))
    let angle = abs(p.rotationDegrees) * Double.pi / 180
    let upright = ViewParameters(rotationDegrees: p.rotationDegrees).matrix(height: 1, width: 1)
    // The angle in radians rounds twice, a sine or cosine by a unit in the last place.
    let cosine = RunningError(value: upright[0], scale: 2 * angle * abs(upright[3]) + 2 * abs(upright[0]))
    let sine = RunningError(value: upright[3], scale: 2 * angle * abs(upright[0]) + 2 * abs(upright[3]))
    func quotient(_ value: Double, _ roundings: Double = 1) -> RunningError {
      RunningError(value: value, scale: roundings * abs(value))
    }
    // z and r are rounded, and so are their product and the quotient.
    let (scaleX, scaleY) = (
      quotient(p.isFlipped ? -1 / (p.zoom * p.stretch) : 1 / (p.zoom * p.stretch), 4), quotient(p.stretch / p.zoom, 3)
    )
    let shear = RunningError(rounded: p.shear)
    let (halfX, halfY) = (
      quotient((p.crop.map { Double($0.width) } ?? width) / width),
      quotient((p.crop.map { Double($0.height) } ?? height) / height)
    )
    func centre(_ box: (Int, Int)?, _ side: Double) -> RunningError {
      box.map { quotient((2 * Double($0.0) + Double($0.1)) / side) + RunningError(exact: -1) } ?? RunningError(exact: 0)
    }
    let (shiftX, shiftY) = (quotient(2 * p.shiftX / width, 2), quotient(2 * p.shiftY / height, 2))
    matrix = [
      halfX * (cosine * scaleX), halfX * ((shear * cosine + -sine) * scaleY),
      centre(p.crop.map { ($0.left, $0.width) }, width) + halfX * shiftX,
      halfY * (sine * scaleX), halfY * ((shear * sine + cosine) * scaleY),
      centre(p.crop.map { ($0.top, $0.height) }, height) + halfY * shiftY,
    ]
  }

  /// The scale of every value of the view.
  var scale: Tensor<Double> {
    let (p, area) = (view.parameters, view.height * view.width)
    var scales = [Double](repeating: 0, count: view.image.count)
    for index in 0..<area {
      let (row, column) = (index / view.width, index % view.width)
      let (x, y) = (source(0, column, row), source(1, column, row))
      for channel in 0..<view.channels {
        var value = sampled(channel, x, y)
        value = value * RunningError(rounded: p.contrast)
        if value.value > Augmentation.brightnessThreshold { value = value + RunningError(rounded: p.brightness) }
        if let box = p.erased, (box.left..<box.left + box.width).contains(column),
          (box.top..<box.top + box.height).contains(row)
        {
          value = RunningError(exact: 0)
        }
        if let (mean, deviation) = view.standardisation?[channel] {
          value = value + RunningError(rounded: -mean)
          value = value * RunningError(value: 1 / deviation, scale: 1 / deviation)
        }
        scales[channel * area + index] = value.scale
      }
    }
    return Tensor(shape: view.image.shape, values: scales)
  }

  /// What ``source(_:_:_:)`` is of every pixel, first all x and then all y.
  var places: [RunningError] {
    [0, 1].flatMap { axis in
      (0..<view.height * view.width).map { source(axis, $0 % view.width, $0 / view.width) }
    }
  }

  /// One coordinate of the place that a pixel samples, in pixels from the image's first one's centre.
  private func source(_ axis: Int, _ column: Int, _ row: Int) -> RunningError {
    let (width, height) = (Double(view.width), Double(view.height))
    let side = axis == 0 ? width : height
    func centre(_ i: Int, _ n: Double) -> RunningError {
      let value = (2 * Double(i) + 1) / n - 1
      return RunningError(value: value, scale: (2 * Double(i) + 1) / n + abs(value))
    }
    let m = matrix[3 * axis..<3 * axis + 3].map { $0 }
    let normalised = m[0] * centre(column, width) + m[1] * centre(row, height) + m[2]
    // ((x̂ + 1) W − 1) / 2
    let byGrid =
      (normalised + RunningError(exact: 1)) * RunningError(exact: side) + RunningError(exact: -1)
    // The same about the centre: its terms have the matrix's errors, and a few roundings of their own.
    let (fromX, fromY) = (Double(column) - (width - 1) / 2, Double(row) - (height - 1) / 2)
    func step(_ entry: RunningError, _ ratio: Double) -> RunningError {
      entry * RunningError(value: ratio, scale: ratio == 1 ? 0 : ratio)
    }
    let first = step(m[0], axis == 0 ? 1 : height / width) * RunningError(exact: fromX)
    let second = step(m[1], axis == 0 ? width / height : 1) * RunningError(exact: fromY)
    let start = m[2] * RunningError(exact: side / 2) + RunningError(exact: (side - 1) / 2 + 1)
    let byCentre = first + (second + start)
    return RunningError(value: byGrid.value / 2, scale: max(byGrid.scale / 2, byCentre.scale))
  }

  /// The value at a place; a weight rounds once, a product twice, and four products make three sums.
  private func sampled(_ channel: Int, _ x: RunningError, _ y: RunningError) -> RunningError {
    // A little more than a pixel outside no rounding leads back.
    guard (-1.001...Double(view.width) + 0.001).contains(x.value),
      (-1.001...Double(view.height) + 0.001).contains(y.value)
    else { return RunningError(exact: 0) }
    let (column, row) = (Int(x.value.rounded(.down)), Int(y.value.rounded(.down)))
    let (u, v) = (x.value - Double(column), y.value - Double(row))
    func pixel(_ column: Int, _ row: Int) -> Double {
      guard (0..<view.width).contains(column), (0..<view.height).contains(row) else { return 0 }
      return view.image.values[(channel * view.height + row) * view.width + column]
    }
    let corners = [
      (pixel(column, row), (1 - u) * (1 - v)), (pixel(column + 1, row), u * (1 - v)),
      (pixel(column, row + 1), (1 - u) * v), (pixel(column + 1, row + 1), u * v),
    ]
    let value = corners.reduce(0) { $0 + $1.0 * $1.1 }
    let size = corners.reduce(0) { $0 + abs($1.0) * $1.1 }
    // The slopes of this cell and its neighbours, into which a rounding may lead.
    var (slopeX, slopeY) = (0.0, 0.0)
    for r in row - 1...row + 2 {
      for c in column - 1...column + 2 {
        slopeX = max(slopeX, abs(pixel(c + 1, r) - pixel(c, r)))
        slopeY = max(slopeY, abs(pixel(c, r + 1) - pixel(c, r)))
      }
    }
    return RunningError(value: value, scale: 7 * size + slopeX * (x.scale + 1) + slopeY * (y.scale + 1))
  }
}
