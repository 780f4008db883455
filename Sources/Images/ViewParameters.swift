// One random view of an image as numbers, and what these numbers do to pixels.
//
// All geometry is ONE affine warp from the places of the view to places of the image, in normalised coordinates: the
// picture is the square from −1 to 1, and pixel j of W has its centre at (2j + 1)/W − 1 (PyTorch: align_corners=False).
//
//     (x, y) ↦ box centre + box half-size · ( R K D F (x, y) + shift )
//     F = diag(±1, 1)   D = diag(1/(z r), r/z)   K = [1 k; 0 1]   R = [cos φ −sin φ; sin φ cos φ]   shift = (2 dx/W, 2 dy/H)
//
// Sampling is bilinear with zeros outside. Then contrast, then brightness, then the erased box.
// Tests    ImagesTests/ViewParametersTests.swift    Fixture  Fixtures/images/augmentation.json
import Kernels

/// Everything that makes one view of an image.
public struct ViewParameters: Codable, Sendable, Equatable {
  /// A box of whole pixels; may not be larger than the image.
  public struct Box: Codable, Sendable, Equatable {
    /// The first column.
    public var left: Int
    /// The first row.
    public var top: Int
    /// Columns, at least 1.
    public var width: Int
    /// Rows, at least 1.
    public var height: Int

    /// A box of given place and size.
    public init(left: Int, top: Int, width: Int, height: Int) {
      (self.left, self.top, self.width, self.height) = (left, top, width, height)
    }
  }

  /// φ: turns the places that are sampled by this angle, in degrees from x (right) to y (down).
  public var rotationDegrees: Double
  /// k: adds k times y to x.
  public var shear: Double
  /// z: above 1 enlarges.
  public var zoom: Double
  /// r: the picture is stretched by r in x and by 1/r in y.
  public var stretch: Double
  /// dx: what is sampled lies so many pixels further right, so that the content moves left.
  public var shiftX: Double
  /// dy: what is sampled lies so many pixels further down, so that the content moves up.
  public var shiftY: Double
  /// The part of the image that is stretched to the full size before all else; nil for the whole image.
  public var crop: Box?
  /// Whether the view is mirrored left to right.
  public var isFlipped: Bool
  /// Multiplies every pixel, without clamping.
  public var contrast: Double
  /// Added to every pixel that is above `Augmentation.brightnessThreshold` after the contrast, without clamping.
  public var brightness: Double
  /// The box that is set to 0; nil for none.
  public var erased: Box?

  /// The view that is the image itself, bit for bit, except for what is given.
  public init(
    rotationDegrees: Double = 0, shear: Double = 0, zoom: Double = 1, stretch: Double = 1, shiftX: Double = 0,
    shiftY: Double = 0, crop: Box? = nil, isFlipped: Bool = false, contrast: Double = 1, brightness: Double = 0,
    erased: Box? = nil
  ) {
    (self.rotationDegrees, self.shear, self.zoom, self.stretch) = (rotationDegrees, shear, zoom, stretch)
    (self.shiftX, self.shiftY, self.crop, self.isFlipped) = (shiftX, shiftY, crop, isFlipped)
    (self.contrast, self.brightness, self.erased) = (contrast, brightness, erased)
  }

  /// The warp as PyTorch's `affine_grid` takes it: x' = m[0] x + m[1] y + m[2], y' = m[3] x + m[4] y + m[5].
  public func matrix(height: Int, width: Int) -> [Double] {
    let (cosine, sine) = (Trigonometry.cosine(degrees: rotationDegrees), Trigonometry.sine(degrees: rotationDegrees))
    let (scaleX, scaleY) = (1 / (zoom * stretch), stretch / zoom)
    let mirror: Double = isFlipped ? -1 : 1
    let (boxWidth, boxHeight) = (crop.map { Double($0.width) }, crop.map { Double($0.height) })
    let halfX = (boxWidth ?? Double(width)) / Double(width)
    let halfY = (boxHeight ?? Double(height)) / Double(height)
    let centreX = crop.map { (2 * Double($0.left) + Double($0.width)) / Double(width) - 1 } ?? 0
    let centreY = crop.map { (2 * Double($0.top) + Double($0.height)) / Double(height) - 1 } ?? 0
    // R K = [cos φ, k cos φ − sin φ; sin φ, k sin φ + cos φ]; D and F scale its columns.
    return [
      halfX * (cosine * scaleX * mirror), halfX * ((shear * cosine - sine) * scaleY),
      centreX + halfX * (2 * shiftX / Double(width)),
      halfY * (sine * scaleX * mirror), halfY * ((shear * sine + cosine) * scaleY),
      centreY + halfY * (2 * shiftY / Double(height)),
    ]
  }

  /// The view of an image.
  ///
  /// Training asks in Float; Double is what other programs' views are compared with.
  ///
  /// - Parameters:
  ///   - pixels: channels × height × width, 0 black and 1 white; every channel is treated alike.
  ///   - channels: Planes.
  ///   - height: Rows.
  ///   - width: Columns.
  /// - Returns: channels × height × width; contrast and brightness may lead out of [0, 1].
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func view<Scalar: RealScalar>(of pixels: [Scalar], channels: Int, height: Int, width: Int) -> [Scalar] {
    require(
      pixels.count == channels * height * width && !pixels.isEmpty,
      "\(pixels.count) pixels for an image of \(channels) x \(height) x \(width)")
    var result = [Scalar](repeating: 0, count: pixels.count)
    warp(pixels, into: &result, channels: channels, height: height, width: width)
    let (contrast, brightness) = (Scalar(contrast), Scalar(brightness))
    let threshold = Scalar(Augmentation.brightnessThreshold)
    for i in result.indices {
      let value = result[i] * contrast
      result[i] = value > threshold ? value + brightness : value
    }
    if let box = erased {
      for channel in 0..<channels {
        for y in max(0, box.top)..<max(0, min(height, box.top + box.height)) {
          let row = (channel * height + y) * width
          for x in max(0, box.left)..<max(0, min(width, box.left + box.width)) { result[row + x] = 0 }
        }
      }
    }
    return result
  }

  /// The bilinear warp.
  ///
  /// Places are computed in Double (the identity then returns the same bits), weights in the pixels' precision:
  /// value = (top left · (1 − u) + top right · u) · (1 − v) + (bottom left · (1 − u) + bottom right · u) · v.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func warp<Scalar: RealScalar>(
    _ pixels: [Scalar], into result: inout [Scalar], channels: Int, height: Int, width: Int
  ) {
    let m = matrix(height: height, width: width)
    // A border of zeros, one pixel wide, stands for everything outside; places count from its corner.
    let stride = width + 2
    var padded = [Scalar](repeating: 0, count: channels * (height + 2) * stride)
    for row in 0..<channels * height {
      let first = (row + 2 * (row / height) + 1) * stride + 1
      for x in 0..<width { padded[first + x] = pixels[row * width + x] }
    }
    let (centreX, centreY) = (Double(width - 1) / 2, Double(height - 1) / 2)
    let aspect = Double(width) / Double(height)
    let (lastX, lastY) = (Double(width + 1), Double(height + 1))
    let (stepX, stepY) = (m[0], m[3] / aspect)
    let source = padded.span
    var target = result.mutableSpan
    for y in 0..<height {
      let fromCentreY = Double(y) - centreY
      let startX = m[1] * aspect * fromCentreY + (m[2] * Double(width) / 2 + centreX + 1)
      let startY = m[4] * fromCentreY + (m[5] * Double(height) / 2 + centreY + 1)
      for x in 0..<width {
        let fromCentreX = Double(x) - centreX
        let (placeX, placeY) = (stepX * fromCentreX + startX, stepY * fromCentreX + startY)
        guard placeX > 0 && placeX < lastX && placeY > 0 && placeY < lastY else { continue }
        let (column, row) = (Int(placeX), Int(placeY))
        let (u, v) = (Scalar(placeX - Double(column)), Scalar(placeY - Double(row)))
        for channel in 0..<channels {
          let corner = (channel * (height + 2) + row) * stride + column
          let top = source[corner] * (1 - u) + source[corner + 1] * u
          let bottom = source[corner + stride] * (1 - u) + source[corner + stride + 1] * u
          target[(channel * height + y) * width + x] = top * (1 - v) + bottom * v
        }
      }
    }
  }
}
