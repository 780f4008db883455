// Digests: whatever is exact to the bit, proved by one SHA-256 over its first 100, 10,000 or 1,000,000 draws.
//
// A port that computes the same records needs no file but the 32 bytes it compares. Where a real number is rounded or
// compared on the way, the margin tells how far the nearest of all draws stayed from the other decision.
// Tests    OracleTests/DigestTests.swift    Fixture  Fixtures/digests/digests.json, told in its README.md
import Files
import Kernels

/// One kind of draws.
package struct Digest: Sendable {
  /// The numbers of draws over which a digest is taken.
  package static let draws = [100, 10_000, 1_000_000]

  /// The name, in lower case with hyphens.
  package let name: String
  /// What draw i is, on which stream.
  package let definition: String
  /// The bytes of one record.
  package let record: String
  /// What the margin is measured in; nil where nothing is rounded.
  package let marginUnit: String?
  private let records: @Sendable (Int) -> DigestRecords

  init(
    _ name: String, definition: String, record: String, marginUnit: String? = nil,
    records: @escaping @Sendable (Int) -> DigestRecords
  ) {
    (self.name, self.definition, self.record, self.marginUnit) = (name, definition, record, marginUnit)
    self.records = records
  }

  /// The digest over the first draws.
  package func value(draws: Int) -> DigestValue {
    let records = records(draws)
    return DigestValue(
      hash: SHA256.hexDigest(of: records.bytes), margin: marginUnit == nil ? nil : records.margin)
  }

  /// All of them.
  package static let all: [Digest] = randomDigests + viewDigests + [anchorDigest]

  /// The digest of a name; throws if there is none.
  package static func named(_ name: String) throws(OracleError) -> Digest {
    guard let digest = all.first(where: { $0.name == name }) else {
      throw OracleError("there is no digest \"\(name)\"; there are \(all.map(\.name).joined(separator: ", "))")
    }
    return digest
  }
}

/// What came out over some draws.
package struct DigestValue: Sendable, Equatable {
  /// The SHA-256 in lower-case hexadecimal digits.
  package var hash: String
  /// The smallest margin; nil where nothing is rounded.
  package var margin: Double?

  /// A value.
  package init(hash: String, margin: Double? = nil) { (self.hash, self.margin) = (hash, margin) }
}
