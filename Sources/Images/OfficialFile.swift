// Files of published data sets, told apart from damaged copies.
// Tests    ImagesTests/OfficialFileTests.swift
import Files

/// A file of a published data set with its known MD5, compared while it is read.
struct OfficialFile {
  /// The official files, an image of STL-10 having 27,648 bytes.
  ///
  /// Source: torchvision, datasets/stl10.py and datasets/svhn.py.
  private static let known: [(name: String, size: Int?, md5: String)] = [
    ("train_X.bin", 5000 * 27648, "918c2871b30a85fa023e0c44e0bee87f"),
    ("train_y.bin", 5000, "5a34089d4802c674881badbb80307741"),
    ("unlabeled_X.bin", 100_000 * 27648, "5242ba1fed5e4be9e1e742405eb56ca4"),
    ("test_X.bin", 8000 * 27648, "7f263ba9f9e0b06b93213547f721ac82"),
    ("test_y.bin", 8000, "36f9794fa4beb8a2c72628de14fa638e"),
    ("train_32x32.mat", nil, "e26dedcc434d2e4c54c9b2d4a06d8373"),
    ("test_32x32.mat", nil, "eb5a983be6a315427106f1b164d9cef3"),
    ("extra_32x32.mat", nil, "a93ce644f1a588dc4d68dda5feec44a7"),
  ]

  private let expected: String
  private var checksum = MD5()

  /// The file of this name, if it is an official one of its official size (nil: whoever asks has seen that it is complete).
  init?(_ name: String, size: Int?) {
    guard let known = Self.known.first(where: { $0.name == name && $0.size == size }) else { return nil }
    expected = known.md5
  }

  /// Takes more of the file.
  mutating func update(_ bytes: ArraySlice<UInt8>) { checksum.update(bytes) }

  /// What a user should be told of the whole file; nil if it is the official one.
  func remark(path: String) -> String? {
    let found = checksum.hexDigest()
    guard found != expected else { return nil }
    return "\(path) has the name and the size of an official file, but its MD5 is \(found) instead of \(expected)"
  }
}
