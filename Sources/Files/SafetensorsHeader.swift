// The header of a safetensors file: its JSON, and every check of it.
// Tests    NetworksTests/SafetensorsTests.swift
/// The header of a safetensors file.
struct SafetensorsHeader {
  static let metadataKey = "__metadata__"
  /// The format's limit of a header's length.
  static let longestHeader = 100_000_000
  /// The bytes per value of the format's types; SafetensorsValues.swift tells which can be taken out as tensors.
  static let sizes = [
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2,
    "U8": 1, "BOOL": 1,
  ]

  struct Entry {
    var type: String
    var shape: [Int]
    var offsets: [Int]
  }

  var metadata: [String: String]
  var entries: [String: Entry] = [:]

  init(metadata: [String: String]) { self.metadata = metadata }

  init(_ document: JSON) throws(JSONError) {
    metadata = [:]
    for (key, value) in try document.members(of: "the top level") {
      if key == Self.metadataKey {
        for (name, text) in try value.members(of: "\"\(key)\"") {
          metadata[name] = try text.string(of: "\"\(key).\(name)\"")
        }
        continue
      }
      var members = try value.members(of: "\"\(key)\"")
      func take(_ name: String) throws(JSONError) -> JSON {
        guard let member = members.removeValue(forKey: name) else {
          throw JSONError(description: "\"\(key)\" lacks \"\(name)\"")
        }
        return member
      }
      entries[key] = Entry(
        type: try take("dtype").string(of: "\"\(key).dtype\""),
        shape: try take("shape").integers(of: "\"\(key).shape\""),
        offsets: try take("data_offsets").integers(of: "\"\(key).data_offsets\""))
      if let other = members.keys.min() {
        throw JSONError(description: "\"\(key)\" has the member \"\(other)\", which the format does not know")
      }
    }
  }

  /// The JSON, with sorted keys: the same tensors give the same bytes.
  var encoded: [UInt8] {
    var members = entries.mapValues { entry in
      JSON.object([
        "dtype": .string(entry.type), "shape": .array(entry.shape.map { .integer($0) }),
        "data_offsets": .array(entry.offsets.map { .integer($0) }),
      ])
    }
    if !metadata.isEmpty { members[Self.metadataKey] = .object(metadata.mapValues { .string($0) }) }
    return Array(JSON.object(members).compact.utf8)
  }

  /// The header and the offset at which the tensors' bytes start.
  static func decode(_ bytes: [UInt8], name: String) throws(SafetensorsError) -> (SafetensorsHeader, start: Int) {
    guard bytes.count >= 8 else {
      throw SafetensorsError(
        description:
          "\(name) is no safetensors file: it has \(bytes.count) bytes, and the header's length alone needs 8")
    }
    let length = FileBytes.word(in: bytes, at: 0, as: UInt64.self)
    guard length <= UInt64(longestHeader) else {
      throw SafetensorsError(
        description: "\(name) is no safetensors file: it announces a header of \(length) bytes, "
          + "and the format allows \(longestHeader)")
    }
    let start = 8 + Int(length)
    guard start <= bytes.count else {
      throw SafetensorsError(
        description: "\(name) is cut off: its header should end at byte \(start), and the file at byte \(bytes.count)")
    }
    do {
      return (try SafetensorsHeader(JSON(bytes: bytes[8..<start])), start)
    } catch {
      throw SafetensorsError(
        description: "\(name): the header of \(length) bytes is not the JSON that the format asks for: "
          + error.description)
    }
  }

  /// The entries in the order of their bytes, after checking types, sizes and that they fill the data exactly.
  func orderedEntries(dataCount: Int, name: String) throws(SafetensorsError) -> [(String, Entry)] {
    for (key, entry) in entries { try Self.check(entry, key: key, dataCount: dataCount, name: name) }
    let order = entries.sorted {
      ($0.value.offsets[0], $0.value.offsets[1], $0.key) < ($1.value.offsets[0], $1.value.offsets[1], $1.key)
    }
    var end = 0
    for (key, entry) in order {
      guard entry.offsets[0] == end else {
        let what = entry.offsets[0] < end ? "overlaps the tensor before it" : "leaves a gap before it"
        throw SafetensorsError(
          description:
            "\(name): the tensor \(key) \(what): it begins at byte \(entry.offsets[0]) of the data, not \(end)")
      }
      end = entry.offsets[1]
    }
    guard end == dataCount else {
      throw SafetensorsError(
        description: "\(name): the tensors end at byte \(end) of the data, which has \(dataCount) bytes")
    }
    return order.map { ($0.key, $0.value) }
  }

  private static func check(
    _ entry: Entry, key: String, dataCount: Int, name: String
  ) throws(SafetensorsError) {
    guard let size = sizes[entry.type] else {
      throw SafetensorsError(description: "\(name): the tensor \(key) has the unknown type \(entry.type)")
    }
    guard entry.offsets.count == 2, entry.offsets[0] >= 0, entry.offsets[0] <= entry.offsets[1] else {
      throw SafetensorsError(
        description: "\(name): the tensor \(key) has the offsets \(entry.offsets), not a begin and a later end")
    }
    guard entry.offsets[1] <= dataCount else {
      throw SafetensorsError(
        description:
          "\(name) is cut off or damaged: the tensor \(key) should end at byte \(entry.offsets[1]) of the data, "
          + "which has \(dataCount) bytes")
    }
    let count = entry.offsets[1] - entry.offsets[0]
    guard let elements = FileBytes.elementCount(entry.shape), count % size == 0, elements == count / size else {
      throw SafetensorsError(
        description:
          "\(name): the tensor \(key) of type \(entry.type) and shape \(entry.shape) cannot have \(count) bytes")
    }
  }
}
