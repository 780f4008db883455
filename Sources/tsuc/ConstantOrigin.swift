// Where each constant of a configuration comes from: the layer that last changed it.
// Tests    tsucTests/ConstantOriginTests.swift
import Files
import TwoStage

/// What gives a constant its value.
enum ConstantOrigin: Equatable {
  /// A preset, whose constants have a provenance of their own.
  case preset(String)
  /// The images.
  case data
  /// A method's changes.
  case method(Method)
  /// The released program's choices.
  case released
  /// The defaults of a kind of views.
  case kind
  /// An option.
  case commandLine

  /// The constants of the last of some layers, from the preset on, each with the layer that last changed it.
  ///
  /// Where something names a path, which `named` tells, that is its origin even if it changes nothing.
  static func constants(
    _ layers: [(origin: ConstantOrigin, configuration: Configuration)], named: ([String]) -> ConstantOrigin?
  ) throws -> [(path: [String], value: JSON, origin: ConstantOrigin)] {
    let documents = try layers.map { ($0.origin, try JSON(of: $0.configuration)) }
    return (documents.last?.1.leaves ?? []).map { path, value in
      // The earliest layer from which on the value stays the same.
      var origin = documents.last?.0 ?? .commandLine
      for (earlier, document) in documents.reversed() {
        guard document[path[...]] == value else { break }
        origin = earlier
      }
      return (path, value, named(path) ?? origin)
    }
  }

  /// The origin of a constant of a path and value in a few words.
  func text(path: [String], value: JSON) -> String {
    switch self {
    case .preset(let name): Self.provenance(of: path, value, preset: name)
    case .data: "the data"
    case .method(let method): "the method \(method.rawValue)"
    case .released: "released program, as asked for"
    case .kind: "the default of this kind of views"
    case .commandLine: path == ["seed"] ? "the command line, or 0" : "the command line"
    }
  }

  /// A preset's constant is the paper's where it has the paper's value.
  private static func provenance(of path: [String], _ value: JSON, preset: String) -> String {
    let name = path.joined(separator: ".")
    if !preset.hasPrefix("paper-") {
      guard let paper = try? JSON(of: Configuration.paperCIFAR10), paper[path[...]] == value else {
        return "this project's recipe \(preset)"
      }
    }
    return Provenance.of(name, preset: preset)?.text ?? "unknown"
  }
}
