// Damaged files of every format: an error or a set of images, never a trap and never memory that the file does not pay for.
import Files
import Foundation
import Kernels
import TestSupport
import Testing

@testable import Images

/// Small files of every format, cut and altered.
struct DamagedFiles {
  /// A name in the folder that is read, and what stands there; nil for a picture that is decoded from memory.
  let name: String?
  let bytes: [UInt8]

  static var all: [DamagedFiles] {
    let names = Array((0..<10).map { "n\($0)\n" }.joined().utf8)
    let mat = FormatsFile.sets { $0 == "train_32x32.mat" }.map(\.bytes)
    let pictures = FormatsFile.pictures { name in
      [
        "type 0, 4 bits, interlaced, transparent", "type 3, 2 bits, transparent", "type 6, 8 bits", "Pillow's RGB",
        "P2, largest value 15", "P3, largest value 255", "P6, largest value 65535",
      ].contains(name)
    }.map(\.bytes)
    return [
      DamagedFiles(name: "data_batch_1.bin", bytes: cifarFile([[3], [4]])),
      DamagedFiles(name: "train.bin", bytes: cifarFile([[3, 4], [5, 6]])),
      DamagedFiles(name: "train-images-idx3-ubyte", bytes: idxFile([3, 2, 2], Array(0..<12))),
      DamagedFiles(name: "t10k-images-idx3-ubyte.gz", bytes: gzipFile(idxFile([3, 2, 2], Array(0..<12)))),
      DamagedFiles(name: "x.npy", bytes: npyFile("|u1", "2, 2, 2, 3", Array(0..<24))),
      DamagedFiles(name: "train_y.bin", bytes: [1, 2]), DamagedFiles(name: "class_names.txt", bytes: names),
      DamagedFiles(name: "a/x.png", bytes: Array(PNG.encode([1, 2, 3, 4], width: 2, height: 2))),
    ] + mat.map { DamagedFiles(name: "x.mat", bytes: $0) }
      + pictures.map { DamagedFiles(name: nil, bytes: $0) }
  }

  /// What else the folder must hold, so that the damaged file is the reason of every error.
  func prepare(_ folder: String) throws {
    guard let name else { return }
    try? FileManager.default.removeItem(atPath: folder)
    try makeFolder("\(folder)/a")
    if name.hasPrefix("a/") { try write(Array("P5 1 1 1 ".utf8) + [1], to: "\(folder)/a/other.pgm") }
    if name == "train_y.bin" || name == "class_names.txt" {
      try write([1, 2], to: "\(folder)/train_y.bin")
      try write([UInt8](repeating: 5, count: 2 * 27648), to: "\(folder)/train_X.bin")
    }
  }

  /// The reader's sentence about other bytes under the same name: of the folder where that decides, else of the file.
  func problem(_ bytes: [UInt8], _ folder: String, size: ImageSize?) throws -> String? {
    guard let name else { return pictureProblem(bytes) }
    try write(bytes, to: "\(folder)/\(name)")
    let isPart = name.contains("/") || name.hasPrefix("train_y") || name.hasPrefix("class")
    return loadingProblem(isPart ? folder : "\(folder)/\(name)", size: size)
  }
}

@Suite("Hostile files of images")
struct HostileImagesTests {
  // In a process of its own, so that a trap is seen as such. Codes: 2 nothing was read, 3 too few kinds of error, 4 memory.
  @Test(.timeLimit(.minutes(30))) func invariantNoDamagedFileTraps() async {
    await #expect(processExitsWith: .success) {
      var stream = RandomStream(seed: 77, purpose: .test)
      var (good, sentences) = (0, Set<String>())
      let before = HostileImagesTests.peakMemory
      try withTemporaryFolder { folder in
        for file in DamagedFiles.all {
          try file.prepare(folder)
          func attempt(_ bytes: [UInt8]) throws {
            let size = stream.integer(below: 4) == 0 ? ImageSize(height: 3, width: 2) : nil
            let problem = try file.problem(bytes, folder, size: size)
            if let problem { sentences.insert(String(problem.prefix(45))) } else { good += 1 }
          }
          try attempt(file.bytes)
          // All lengths of a small file; of a large one those near its ends and some between.
          let count = file.bytes.count
          for length in 0..<count where count < 300 || length < 60 || length > count - 5 || length % 431 == 0 {
            try attempt(Array(file.bytes[..<length]))
          }
          for _ in 0..<(file.name == nil ? 150 : 40) {
            var bytes = file.bytes
            for _ in 0...stream.integer(below: 3) {
              bytes[stream.integer(below: min(count, 300))] = UInt8(stream.integer(below: 256))
            }
            try attempt(bytes)
          }
          // PNG's chunks carry checksums, which hide what is behind them: make them right again.
          if file.bytes.starts(with: [0x89, 0x50]) {
            for _ in 0..<150 {
              var bytes = file.bytes
              bytes[8 + stream.integer(below: count - 8)] = UInt8(stream.integer(below: 256))
              try attempt(HostileImagesTests.withChecksums(bytes))
            }
          }
        }
      }
      guard good > 250 else { exit(2) }
      guard sentences.count > 40 else { exit(3) }
      exit(HostileImagesTests.peakMemory - before < 256 << 20 ? 0 : 4)
    }
  }

  /// The most memory that the process has ever held, in bytes; 0 where the system does not tell.
  static var peakMemory: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(separator: " ").compactMap { Int($0) }.first ?? 0) * 1024
  }

  /// A PNG file whose chunks have right checksums, as far as its lengths allow.
  @Sendable static func withChecksums(_ file: [UInt8]) -> [UInt8] {
    var (bytes, index) = (file, 8)
    while index + 12 <= bytes.count {
      let length = bytes[index..<index + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= bytes.count - index - 12 else { break }
      let sum = CRC32.checksum(of: bytes[index + 4..<index + 8 + length])
      for i in 0..<4 { bytes[index + 8 + length + i] = UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * i)) }
      index += 12 + length
    }
    return bytes
  }
}
