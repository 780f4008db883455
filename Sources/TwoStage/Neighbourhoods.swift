// Which images count as one: the anchors of a round with their neighbours, and everything else as a single instance.
//
// Paper    Huang et al. (AND), ICML 2019, the progressive neighbourhoods; used by stage 1 of Han et al., ECCV 2020.
// Tests    NeighbourhoodDiscoveryTests.swift
import Kernels

/// The neighbourhood of every image in one round of stage 1.
public struct Neighbourhoods: Sendable, Equatable {
  /// N, the number of images.
  public let imageCount: Int
  /// The images that have neighbours, the most confident first.
  public let anchors: [Int]
  /// For each anchor, in the same order, its neighbours, the nearest first.
  public let neighbours: [[Int]]
  /// For each image its place in `anchors`, or −1.
  private let positions: [Int]

  /// Neighbourhoods from lists; stops on an index out of range or an anchor named twice.
  public init(imageCount: Int, anchors: [Int], neighbours: [[Int]]) {
    require(
      anchors.count == neighbours.count,
      "\(anchors.count) anchors need as many neighbour lists, not \(neighbours.count)")
    var positions = Array(repeating: -1, count: imageCount)
    for (position, anchor) in anchors.enumerated() {
      require(
        (0..<imageCount).contains(anchor), "an anchor must be below \(imageCount), the number of images, not \(anchor)")
      require(positions[anchor] < 0, "image \(anchor) is an anchor twice")
      for neighbour in neighbours[position] {
        require(
          (0..<imageCount).contains(neighbour), "a neighbour must be below \(imageCount), not \(neighbour)")
      }
      positions[anchor] = position
    }
    self.imageCount = imageCount
    self.anchors = anchors
    self.neighbours = neighbours
    self.positions = positions
  }

  /// No anchors: every image is an instance of its own, as in the first round.
  public static func instances(imageCount: Int) -> Neighbourhoods {
    Neighbourhoods(imageCount: imageCount, anchors: [], neighbours: [])
  }

  /// S = {image} ∪ N(image) as a set: the image first, then its neighbours without repeats.
  public func members(of image: Int) -> [Int] {
    guard positions[image] >= 0 else { return [image] }
    var members = [image]
    for neighbour in neighbours[positions[image]] where !members.contains(neighbour) { members.append(neighbour) }
    return members
  }

  /// The share of (anchor, neighbour) pairs with equal labels, a diagnostic; nil without pairs.
  public func consistency(labels: [Int]) -> Double? {
    require(labels.count == imageCount, "\(imageCount) images need as many labels, not \(labels.count)")
    let pairs = zip(anchors, neighbours).flatMap { anchor, list in list.map { (anchor, $0) } }
    guard !pairs.isEmpty else { return nil }
    return Double(pairs.count { labels[$0.0] == labels[$0.1] }) / Double(pairs.count)
  }
}
