// The seal of a safetensors file: the SHA-256 of everything else in it, so that a damaged file is told from a good one.
//
// What differs between equal trainings, times and threads, lies under "session" and has a seal of its own. The digest of
// the rest is therefore the same for any number of threads and however often the run was stopped.
// Tests    tsucTests/SealedFileTests.swift
import Files
import Kernels
import Networks

extension SafetensorsFile {
  private static let sealKeys = ["digest", "session", "session digest"]

  /// Seals the contents as they are.
  mutating func seal() {
    let digest = contentDigest
    metadata["digest"] = digest
    metadata["session digest"] = metadata["session"].map { Self.digest(session: $0, contents: digest) }
  }

  /// Whether nothing has changed since the file was sealed.
  var isSealUnbroken: Bool {
    guard let digest = metadata["digest"], digest == contentDigest else { return false }
    return metadata["session digest"] == metadata["session"].map { Self.digest(session: $0, contents: digest) }
  }

  private var contentDigest: String {
    var contents = self
    for key in Self.sealKeys { contents.metadata[key] = nil }
    return SHA256.hexDigest(of: contents.encoded())
  }

  private static func digest(session: String, contents: String) -> String {
    SHA256.hexDigest(of: Array((contents + session).utf8))
  }
}
