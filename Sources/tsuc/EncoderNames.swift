// The names of an encoder's tensors in files of other programs: what stands before them, and what torchvision calls them.
//
//     module., _orig_mod.              DataParallel and torch.compile
//     encoder.                         this program's states, in which other tensors stand too
//     backbone., model., encoder_q. …  whatever all names have before them
//     streams.0.                       a single trunk
//     downsample.0., downsample.1.     torchvision's shortcut.0., shortcut.1.
//     fc.                              torchvision's linear.
// Tests    tsucTests/EncoderFileTests.swift
import Commands
import Files

/// The names in a file by what this program calls the same tensor.
struct EncoderNames {
  /// The name in the file for each name here.
  private(set) var stored: [String: String] = [:]

  /// What a state of this program holds besides its encoder.
  private static let others = [
    "velocity.", "stage_one.", "best.", "heads.", "memory_bank", "anchors", "neighbours", "epoch.sums",
  ]
  /// The first parts of an encoder's own names.
  private static let own = ["conv1", "bn1", "layer1", "layer2", "layer3", "layer4", "linear", "fc", "streams"]

  /// The names in a file.
  init(_ file: SafetensorsFile, _ path: String, streams: Int) throws {
    var names = file.names.filter { !$0.hasSuffix("num_batches_tracked") }.map { (name: $0, stored: $0) }
    func strip(_ prefix: String) {
      for index in names.indices where names[index].name.hasPrefix(prefix) {
        names[index].name.removeFirst(prefix.count)
      }
    }
    strip("module.")
    strip("_orig_mod.")
    names.removeAll { name in Self.others.contains { name.name.hasPrefix($0) } }
    // Of a state of this program only the encoder as it stands counts.
    strip("encoder.")
    while let first = names.first?.name.split(separator: ".").first, !Self.own.contains(String(first)),
      names.allSatisfy({ $0.name.hasPrefix("\(first).") })
    { strip("\(first).") }
    if streams == 1 { strip("streams.0.") }
    let hasLinear = names.contains { $0.name.hasPrefix("linear.") }
    for (plain, stored) in names {
      var name = plain.split(separator: ".", omittingEmptySubsequences: false)
        .map { $0 == "downsample" ? "shortcut" : String($0) }.joined(separator: ".")
      if !hasLinear && name.hasPrefix("fc.") { name = "linear." + name.dropFirst(3) }
      if let other = self.stored.updateValue(stored, forKey: name) {
        throw RunError("\(path) holds \(name) twice, as \(other) and as \(stored); leave one of them out")
      }
    }
  }

  /// What is to be said where the tensors have the expected shapes under other names; nil where the shapes differ too.
  static func difference(_ expected: [String: [Int]], _ names: [String: String], in file: SafetensorsFile) -> String? {
    let found = names.values.compactMap { file.description(of: $0)?.shape }
    func text(_ shapes: some Sequence<[Int]>) -> [String] { shapes.map { "\($0)" }.sorted() }
    guard expected.count == found.count, text(expected.values) == text(found) else { return nil }
    let missing = expected.keys.filter { names[$0] == nil }.min() ?? ""
    let unexpected = names.filter { expected[$0.key] == nil }.map(\.value).min() ?? ""
    return "the tensors have the right shapes, but their names differ: expected is \(missing), found is \(unexpected); "
      + "rename the keys of the state_dict before it is saved, to those of torchvision's ResNet, for instance"
  }
}
