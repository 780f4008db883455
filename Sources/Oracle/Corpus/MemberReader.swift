// Takes an object's members one by one; whatever is left at the end was not understood.
// Tests    OracleTests/CaseDescriptionTests.swift
import Files
import Networks

/// The members of a JSON object that nobody has taken yet.
struct MemberReader {
  private var members: [String: JSON] = [:]
  private var known: [String] = []
  private let context: String
  private let fault: JSONError?

  /// The members of an object; another value is told at the first taking.
  init(_ json: JSON, _ context: String) {
    self.context = context
    do throws(JSONError) {
      members = try json.members(of: context)
      fault = nil
    } catch {
      fault = error
    }
  }

  /// A member that must be there.
  mutating func take(_ name: String) throws(JSONError) -> JSON {
    guard let member = try optional(name) else { throw JSONError(description: "\(context) lacks \"\(name)\"") }
    return member
  }

  /// A member that may be there.
  mutating func optional(_ name: String) throws(JSONError) -> JSON? {
    if let fault { throw fault }
    known.append(name)
    return members.removeValue(forKey: name)
  }

  /// The members of an object that may be there.
  mutating func object(_ name: String) throws(JSONError) -> [String: JSON] {
    try optional(name)?.members(of: "\"\(name)\"") ?? [:]
  }

  /// Throws if a member is left.
  func finish() throws(JSONError) {
    guard let other = members.keys.min() else { return }
    throw JSONError(
      description:
        "\(context) has the unknown member \"\(other.prefix(60))\"; known are \(known.joined(separator: ", "))"
    )
  }
}
