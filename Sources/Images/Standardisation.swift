// How pixels become numbers for a network, also those of images that it was not trained on.
//
//     x = (pixel / maximumValue − mean) / standard deviation,  one mean and one standard deviation for each channel
//
// Tests    ImagesTests/StandardisationTests.swift
import Kernels

/// The mean and the standard deviation of each channel.
///
/// The JSON form of one channel may be a number instead of a list of one, as earlier versions wrote it.
public struct Standardisation: Codable, Sendable, Equatable {
  /// The mean of pixel / maximumValue: one for each channel, or one for all of them.
  public var mean: [Double]
  /// The population standard deviation of pixel / maximumValue, positive: one for each channel, or one for all of them.
  public var standardDeviation: [Double]

  /// Given numbers; ``problem(channels:)`` tells what is wrong with them.
  public init(mean: [Double], standardDeviation: [Double]) {
    (self.mean, self.standardDeviation) = (mean, standardDeviation)
  }

  /// The numbers of a data set itself.
  public init(of images: ImageSet) { self = images.standardisation }

  /// CIFAR-10's training images, as the released program writes them.
  public static let cifar10 = Standardisation(
    mean: [0.4914, 0.4822, 0.4465], standardDeviation: [0.2023, 0.1994, 0.2010])

  /// CIFAR-100's training images, as the released program writes them; the true standard deviations are near 0.267, 0.256, 0.276.
  public static let cifar100 = Standardisation(
    mean: [0.5071, 0.4866, 0.4409], standardDeviation: [0.2009, 0.1984, 0.2023])

  /// The numbers of counted pixels, images × channels × height × width and not empty, exact but for the last roundings.
  ///
  /// A channel of one repeated value has a standard deviation of 1 instead of 0, so that it standardises to zeros.
  init(of pixels: [UInt8], channels: Int, pixelsPerChannel: Int, maximumValue: Int) {
    var frequencies = [Int](repeating: 0, count: channels * 256)
    for (plane, first) in stride(from: 0, to: pixels.count, by: pixelsPerChannel).enumerated() {
      let offset = plane % channels * 256
      for index in first..<first + pixelsPerChannel { frequencies[offset + Int(pixels[index])] += 1 }
    }
    let moments = (0..<channels).map { channel in
      Self.moments(Array(frequencies[channel * 256..<(channel + 1) * 256]), maximumValue: maximumValue)
    }
    self.init(mean: moments.map(\.mean), standardDeviation: moments.map(\.standardDeviation))
  }

  /// Mean and population standard deviation from how often each of the 256 values occurs: exact counts, one order.
  private static func moments(_ frequencies: [Int], maximumValue: Int) -> (mean: Double, standardDeviation: Double) {
    let (count, total) = frequencies.indices.reduce((0, 0)) {
      ($0.0 + frequencies[$1], $0.1 + $1 * frequencies[$1])
    }
    let mean = Double(total) / Double(count)
    let squares = frequencies.indices.reduce(0.0) { sum, value in
      let distance = Double(value) - mean
      return sum + Double(frequencies[value]) * (distance * distance)
    }
    let isConstant = frequencies.contains(count)
    let standardDeviation = (squares / Double(count)).squareRoot() / Double(maximumValue)
    return (mean / Double(maximumValue), isConstant ? 1 : standardDeviation)
  }

  /// The first thing that keeps images of so many channels from being standardised, as a sentence; nil if nothing does.
  public func problem(channels: Int) -> String? {
    for (name, values) in [("mean", mean), ("standardDeviation", standardDeviation)]
    where values.count != channels && values.count != 1 {
      return "\(name) must be one number, or one for each of \(channels) channels, not \(values.count)"
    }
    for value in mean where !value.isFinite { return "mean must be finite, not \(value)" }
    for value in standardDeviation where !(value > 0 && value.isFinite) {
      return "standardDeviation must be positive, not \(value)"
    }
    return nil
  }

  /// The mean and the standard deviation of one channel.
  func numbers(ofChannel channel: Int) -> (mean: Double, standardDeviation: Double) {
    (mean[mean.count == 1 ? 0 : channel], standardDeviation[standardDeviation.count == 1 ? 0 : channel])
  }

  /// x for each of the 256 values of a pixel, channel by channel: there are no others, so each is computed once.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func levels<Scalar: RealScalar>(channels: Int, maximumValue: Int) -> [Scalar] {
    if let problem = problem(channels: channels) { require(false, "images cannot be standardised: \(problem)") }
    return (0..<channels).flatMap { channel in
      let (mean, standardDeviation) = numbers(ofChannel: channel)
      return (0..<256).map { (Scalar($0) / Scalar(maximumValue) - Scalar(mean)) / Scalar(standardDeviation) }
    }
  }

  private enum CodingKeys: String, CodingKey { case mean, standardDeviation }

  /// Reads lists, or the single numbers that earlier versions wrote.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func numbers(_ key: CodingKeys) throws -> [Double] {
      if let number = try? container.decode(Double.self, forKey: key) { return [number] }
      return try container.decode([Double].self, forKey: key)
    }
    self.init(mean: try numbers(.mean), standardDeviation: try numbers(.standardDeviation))
  }
}
