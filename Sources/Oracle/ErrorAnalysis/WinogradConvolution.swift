// Convolutions by Winograd's F(m × m, 3 × 3), each of whose roundings is perturbed with a random sign.
//
// The tiles of a program may begin anywhere, so the corner of their grid is drawn for each convolution.
// Tests    OracleTests/ConvolutionMethodTests.swift
import Kernels
import Networks

/// Square patches of maps at regular distances; what lies outside a map is zero, and is dropped when patches are put back.
struct PatchGrid {
  let side: Int
  let step: Int
  let origin: (row: Int, column: Int)
  let rows: Int
  let columns: Int

  var count: Int { rows * columns }
}

/// Batches of maps: batch × channels × height × width.
struct MapSizes {
  let batch: Int
  let channels: Int
  let height: Int
  let width: Int
}

/// Numbers by place in a transformed patch: place × rows × columns, so that each place is a matrix.
struct PlaceMatrices {
  let places: Int
  let rows: Int
  let columns: Int
  var values: [Double]

  var magnitudes: PlaceMatrices {
    PlaceMatrices(places: places, rows: rows, columns: columns, values: values.map { abs($0) })
  }

  /// At each place the product with another's matrix.
  func multiplied(by other: PlaceMatrices, transposed: Bool = false, otherTransposed: Bool = false) -> PlaceMatrices {
    let (m, depth) = transposed ? (columns, rows) : (rows, columns)
    let n = otherTransposed ? other.rows : other.columns
    var product = PlaceMatrices(places: places, rows: m, columns: n, values: [])
    for place in 0..<places {
      var c = [Double](repeating: 0, count: m * n)
      multiplyMatrices(
        Array(values[place * rows * columns..<(place + 1) * rows * columns]),
        Array(other.values[place * other.rows * other.columns..<(place + 1) * other.rows * other.columns]), into: &c,
        rows: m, columns: n, depth: depth, transposeA: transposed, transposeB: otherTransposed)
      product.values += c
    }
    return product
  }
}

/// One convolution with roundings of its own.
struct WinogradConvolution {
  let winograd: Winograd
  let perturbed: Perturbed
  var perturbation: Perturbation

  /// y of x.
  mutating func forward(_ x: [Double], weight: [Double], shape: ConvolutionShape) -> [Double] {
    filter(
      x, MapSizes(batch: shape.batch, channels: shape.inputChannels, height: shape.height, width: shape.width),
      weight: weight,
      to: MapSizes(
        batch: shape.batch, channels: shape.outputChannels, height: shape.outputHeight, width: shape.outputWidth),
      padding: shape.padding)
  }

  /// ∂x as the forward map of ∂y with turned kernels.
  mutating func inputGradientByTurnedKernels(
    of gradient: [Double], weight: [Double], shape: ConvolutionShape
  ) -> [Double] {
    var turned = weight
    for o in 0..<shape.outputChannels {
      for c in 0..<shape.inputChannels {
        for tap in 0..<9 {
          turned[(c * shape.outputChannels + o) * 9 + 8 - tap] = weight[(o * shape.inputChannels + c) * 9 + tap]
        }
      }
    }
    return filter(
      gradient,
      MapSizes(
        batch: shape.batch, channels: shape.outputChannels, height: shape.outputHeight, width: shape.outputWidth),
      weight: turned,
      to: MapSizes(batch: shape.batch, channels: shape.inputChannels, height: shape.height, width: shape.width),
      padding: 2 - shape.padding)
  }

  /// ∂x as the transposed map, as automatic differentiation computes it.
  mutating func inputGradientByTransposition(
    of gradient: [Double], weight: [Double], shape: ConvolutionShape
  ) -> [Double] {
    let (tiles, patches) = grids(height: shape.outputHeight, width: shape.outputWidth, padding: shape.padding)
    let outputs = MapSizes(
      batch: shape.batch, channels: shape.outputChannels, height: shape.outputHeight, width: shape.outputWidth)
    let inputs = MapSizes(batch: shape.batch, channels: shape.inputChannels, height: shape.height, width: shape.width)
    let kernels = transformed(kernels: weight, rows: shape.outputChannels, columns: shape.inputChannels)
    let gradients = transformed(gradient, outputs, tiles, by: winograd.output.transposed)
    let products = product(kernels, gradients, transposed: true)
    return assembled(products, inputs, patches, by: winograd.input.transposed)
  }

  /// ∂w.
  mutating func weightGradient(of gradient: [Double], input x: [Double], shape: ConvolutionShape) -> [Double] {
    let (tiles, patches) = grids(height: shape.outputHeight, width: shape.outputWidth, padding: shape.padding)
    let outputs = MapSizes(
      batch: shape.batch, channels: shape.outputChannels, height: shape.outputHeight, width: shape.outputWidth)
    let inputs = MapSizes(batch: shape.batch, channels: shape.inputChannels, height: shape.height, width: shape.width)
    let gradients = transformed(gradient, outputs, tiles, by: winograd.output.transposed)
    let data = transformed(x, inputs, patches, by: winograd.input)
    let products = product(gradients, data, otherTransposed: true)
    let kernel = PatchGrid(side: 3, step: 3, origin: (0, 0), rows: 1, columns: 1)
    return assembled(
      products, MapSizes(batch: shape.inputChannels, channels: shape.outputChannels, height: 3, width: 3), kernel,
      by: winograd.kernel.transposed, channelsFirst: true)
  }

  private mutating func filter(
    _ x: [Double], _ inputs: MapSizes, weight: [Double], to outputs: MapSizes, padding: Int
  ) -> [Double] {
    let (tiles, patches) = grids(height: outputs.height, width: outputs.width, padding: padding)
    let kernels = transformed(kernels: weight, rows: outputs.channels, columns: inputs.channels)
    let data = transformed(x, inputs, patches, by: winograd.input)
    return assembled(product(kernels, data), outputs, tiles, by: winograd.output)
  }

  /// The tiles of an output, from a corner drawn at random, and the patches of the input that they are made of.
  private mutating func grids(height: Int, width: Int, padding: Int) -> (tiles: PatchGrid, patches: PatchGrid) {
    let m = winograd.tile
    let (row, column) = (perturbation.index(below: m), perturbation.index(below: m))
    let (rows, columns) = ((height + row + m - 1) / m, (width + column + m - 1) / m)
    return (
      PatchGrid(side: m, step: m, origin: (-row, -column), rows: rows, columns: columns),
      PatchGrid(
        side: winograd.patch, step: m, origin: (-row - padding, -column - padding), rows: rows, columns: columns)
    )
  }

  /// G g Gᵀ of all kernels.
  private mutating func transformed(kernels: [Double], rows: Int, columns: Int) -> PlaceMatrices {
    transformed(
      kernels, MapSizes(batch: columns, channels: rows, height: 3, width: 3),
      PatchGrid(side: 3, step: 3, origin: (0, 0), rows: 1, columns: 1), by: winograd.kernel, channelsFirst: true)
  }

  /// P d Pᵀ of all patches: places × channels × (batch · patches); maps lie as channels × batch on request, as kernels do.
  private mutating func transformed(
    _ maps: [Double], _ sizes: MapSizes, _ grid: PatchGrid, by matrix: SmallMatrix, channelsFirst: Bool = false
  ) -> PlaceMatrices {
    let (places, columns) = (matrix.rows * matrix.rows, sizes.batch * grid.count)
    var result = PlaceMatrices(
      places: places, rows: sizes.channels, columns: columns,
      values: [Double](repeating: 0, count: places * sizes.channels * columns))
    var errors = result.values
    let absolute = matrix.magnitudes
    var patch = [Double](repeating: 0, count: grid.side * grid.side)
    var (whole, half) = ([Double](repeating: 0, count: places), [Double](repeating: 0, count: places + patch.count))
    for n in 0..<sizes.batch {
      for c in 0..<sizes.channels {
        let map = (channelsFirst ? c * sizes.batch + n : n * sizes.channels + c) * sizes.height * sizes.width
        for p in 0..<grid.count {
          let (top, left) = (
            grid.origin.row + p / grid.columns * grid.step, grid.origin.column + p % grid.columns * grid.step
          )
          for i in 0..<grid.side {
            for j in 0..<grid.side {
              let (h, w) = (top + i, left + j)
              let inside = h >= 0 && h < sizes.height && w >= 0 && w < sizes.width
              patch[i * grid.side + j] = inside ? maps[map + h * sizes.width + w] : 0
            }
          }
          let first = c * columns + n * grid.count + p
          matrix.sandwich(patch, into: &whole, half: &half)
          for place in 0..<places { result.values[first + place * sizes.channels * columns] = whole[place] }
          if perturbed == .results {
            for i in patch.indices { patch[i] = abs(patch[i]) }
            absolute.sandwich(patch, into: &whole, half: &half)
          }
          for place in 0..<places { errors[first + place * sizes.channels * columns] = whole[place] }
        }
      }
    }
    let size = perturbed == .results ? matrix.roundings.squareRoot() : 1
    for i in errors.indices { result.values[i] += size * errors[i] * perturbation.next() }
    return result
  }

  /// The sums of products at each place.
  private mutating func product(
    _ a: PlaceMatrices, _ b: PlaceMatrices, transposed: Bool = false, otherTransposed: Bool = false
  ) -> PlaceMatrices {
    var product = a.multiplied(by: b, transposed: transposed, otherTransposed: otherTransposed)
    guard perturbed == .results else { return product }
    let errors = a.magnitudes.multiplied(
      by: b.magnitudes, transposed: transposed, otherTransposed: otherTransposed)
    let size = Double(transposed ? a.rows : a.columns).squareRoot()
    for i in errors.values.indices { product.values[i] += size * errors.values[i] * perturbation.next() }
    return product
  }

  /// P m Pᵀ of all patches, added up where they lie.
  private mutating func assembled(
    _ products: PlaceMatrices, _ sizes: MapSizes, _ grid: PatchGrid, by matrix: SmallMatrix, channelsFirst: Bool = false
  ) -> [Double] {
    var maps = [Double](repeating: 0, count: sizes.batch * sizes.channels * sizes.height * sizes.width)
    let absolute = matrix.magnitudes
    let size = matrix.roundings.squareRoot()
    var patch = [Double](repeating: 0, count: products.places)
    var values = [Double](repeating: 0, count: grid.side * grid.side)
    var (errors, half) = (values, [Double](repeating: 0, count: grid.side * grid.side + products.places))
    for n in 0..<sizes.batch {
      for c in 0..<sizes.channels {
        let map = (channelsFirst ? c * sizes.batch + n : n * sizes.channels + c) * sizes.height * sizes.width
        for p in 0..<grid.count {
          for place in patch.indices {
            patch[place] = products.values[(place * products.rows + c) * products.columns + n * grid.count + p]
          }
          matrix.sandwich(patch, into: &values, half: &half)
          if perturbed == .results {
            for i in patch.indices { patch[i] = abs(patch[i]) }
            absolute.sandwich(patch, into: &errors, half: &half)
            for i in values.indices { values[i] += size * errors[i] * perturbation.next() }
          }
          let (top, left) = (
            grid.origin.row + p / grid.columns * grid.step, grid.origin.column + p % grid.columns * grid.step
          )
          for i in 0..<grid.side {
            for j in 0..<grid.side {
              let (h, w) = (top + i, left + j)
              guard h >= 0, h < sizes.height, w >= 0, w < sizes.width else { continue }
              maps[map + h * sizes.width + w] += values[i * grid.side + j]
            }
          }
        }
      }
    }
    return maps
  }
}
