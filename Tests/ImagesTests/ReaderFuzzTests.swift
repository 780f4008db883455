// Every reader on many thousands of damaged files: a set, a picture or a sentence, never a trap, a hang or much memory.
import Files
import Foundation
import TestSupport
import Testing

@testable import Images

/// A reader, good files for it, and how a damaged one is made to look whole again.
struct FuzzedReader: Sendable {
  let name: String
  let seeds: [[UInt8]]
  /// Reads bytes; throws only sentences.
  let read: @Sendable ([UInt8]) throws(ImageSetError) -> Void
  /// Makes checksums right or compresses, so that the damage lies behind them.
  var repair: (@Sendable ([UInt8]) -> [UInt8])?

  private static let path = "/data/the-file"

  private static func set(_ bytes: [UInt8]) throws(ImageSetError) {
    _ = try ImageSet.load(DataFile(bytes, path: path), ImageRequest())
  }

  static var all: [FuzzedReader] {
    let pictures = FormatsFile.pictures { _ in true }.map(\.bytes).filter { $0.count < 3000 }
    let pngs = pictures.filter { $0.first == 0x89 }
    let decode: @Sendable ([UInt8]) throws(ImageSetError) -> Void = { bytes throws(ImageSetError) in
      _ = try Picture.decode(bytes, path: path)
    }
    let (x, y) = (MATFixtures.matrix("X", [32, 32, 3], [UInt8](repeating: 3, count: 3072)), [1])
    let labels = MATFixtures.matrix("y", [1, 1], y.map { UInt8($0) })
    let images = idxFile([3, 2, 2], Array(0..<12))
    let npy = npyFile("|u1", "2, 2, 2, 3", Array(0..<24))
    let exif = PNGFixtures.file([
      PNGFixtures.header(2, 1), ("eXIf", OrientationTests.exif(6, isLittle: true)), PNGFixtures.rows([0, 7, 8]),
      PNGFixtures.end,
    ])
    return [
      FuzzedReader(name: "png", seeds: pngs + [exif], read: decode, repair: HostileImagesTests.withChecksums),
      FuzzedReader(
        name: "png-rows", seeds: [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 4, 3]], read: decode,
        repair: { rows in
          let kinds: [(UInt8, UInt8)] = [(0, 1), (0, 8), (0, 16), (2, 8), (3, 2), (3, 8), (4, 8), (6, 16)]
          let (kind, depth) = kinds[rows.count % kinds.count]
          return PNGFixtures.file([
            PNGFixtures.header(rows.first ?? 1, 2, depth: depth, kind: kind, interlaced: (rows.last ?? 0) & 1),
            ("PLTE", [1, 2, 3, 4, 5, 6]), PNGFixtures.rows(rows), PNGFixtures.end,
          ])
        }),
      FuzzedReader(name: "netpbm", seeds: pictures.filter { $0.first == UInt8(ascii: "P") }, read: decode),
      FuzzedReader(name: "idx-images", seeds: [images], read: set),
      FuzzedReader(
        name: "idx-labels", seeds: [idxFile([5], [0, 1, 2, 3, 4])],
        read: { bytes throws(ImageSetError) in _ = try IDX.parse(bytes, axes: 1, path: path) }),
      FuzzedReader(
        name: "npy",
        seeds: [npy, npyFile("<f4", "2, 2, 2", Array(repeating: 0, count: 32)), npyFile("<u0", "2, 1", [1])],
        read: set),
      FuzzedReader(
        name: "mat", seeds: [MATFixtures.file(labels + MATFixtures.matrix("e", [0, 0], []) + x)], read: set),
      FuzzedReader(
        name: "mat-compressed", seeds: [labels, x], read: set,
        repair: { element in
          MATFixtures.file(MATFixtures.compressed(labels) + MATFixtures.compressed(element) + MATFixtures.compressed(x))
        }),
      FuzzedReader(
        name: "gzip", seeds: [gzipFile(images), gzipFile(npy) + [0, 0], gzipFile(Array(repeating: 5, count: 600))],
        read: { bytes throws(ImageSetError) in _ = try IDX.parse(bytes, axes: 3, path: path) },
        repair: { gzipFile($0) }),
      FuzzedReader(name: "cifar-10", seeds: [cifarFile([[3]])], read: set),
      FuzzedReader(name: "cifar-100", seeds: [cifarFile([[3, 4]])], read: set),
      FuzzedReader(name: "stl-10", seeds: [stl10File(1)], read: set),
    ]
  }

  private static let numbers: [[UInt8]] = [
    [0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0], [0x40, 0, 0, 0], [0, 0, 0, 0x40],
    [0, 0, 0x40, 0],
  ]
  private static let texts = ["9999999999", "0", "-1", "16384", "4294967296", ",", "L", "(", "[", "'", "}", "#", " "]

  /// Reads the damaged file of a seed, one to four changes of a good one; whether it was read.
  func attempt(_ seed: UInt64) -> Bool {
    var generator = SplitMix(state: seed &* 0x9E37_79B9_7F4A_7C15)
    func integer(_ bound: Int) -> Int { Int(generator.next() >> 33) % max(1, bound) }
    var bytes = seeds[integer(seeds.count)]
    for _ in 0...integer(3) where !bytes.isEmpty {
      // Most of what decides stands near the beginning.
      let index = integer(integer(2) == 0 ? min(bytes.count, 64) : bytes.count)
      switch integer(8) {
      case 0, 1: bytes[index] ^= 1 << UInt8(integer(8))
      case 2: bytes[index] = UInt8(integer(256))
      case 3: bytes.removeLast(integer(bytes.count + 1))
      case 4: bytes.remove(at: index)
      case 5: bytes.replaceSubrange(index..<min(index + 4, bytes.count), with: Self.numbers[integer(6)])
      case 6: bytes.replaceSubrange(index..<min(index + 1, bytes.count), with: Self.texts[integer(13)].utf8)
      default: bytes.insert(contentsOf: bytes[index...].prefix(integer(40)), at: index)
      }
    }
    if let repair, integer(4) != 0 { bytes = repair(bytes) }
    return isRead(bytes)
  }

  /// Whether bytes are read; stops if they are refused without a sentence that names the file.
  private func isRead(_ bytes: [UInt8]) -> Bool {
    do {
      try read(bytes)
      return true
    } catch {
      guard error.path.contains("the-file"), error.problem.count > 10 else { fatalError("no sentence: \(error)") }
      return false
    }
  }

  /// Every beginning of the good files, and the small ones with every bit wrong; how many were read.
  func cutsAndFlips() -> Int {
    var good = 0
    for seed in seeds where seed.count < 4000 {
      for length in 0..<seed.count where isRead(Array(seed[..<length])) { good += 1 }
      for bit in 0..<8 * min(seed.count, 300) {
        var bytes = seed
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        if isRead(bytes) { good += 1 }
      }
    }
    return good
  }

  /// Damaged files of some seeds, each told to the console before it is read if that is wished; how many were read.
  func attempts(_ seeds: Range<UInt64>, tells: Bool = false) -> Int {
    var good = 0
    for seed in seeds {
      if tells { FileHandle.standardError.write(Data("\(name) \(seed)\n".utf8)) }
      if attempt(seed) { good += 1 }
    }
    return good
  }
}

/// No file stops the program.
///
/// To look for more: `TSUC_FUZZ=FIRST:COUNT:NAME swift test --filter ReaderFuzzTests/hunt`, NAME a part of a reader's name, or
/// none for all. Where a process stops, `TSUC_FUZZ=FIRST:COUNT:NAME:tell` has the seed on the last line of the console.
@Suite("Readers on damaged files")
struct ReaderFuzzTests {
  // In a process of its own, so that a trap is seen as such. Codes: 2 nothing was read or all was, 3 so with
  // cuts and single bits, 4 memory.
  @Test(.timeLimit(.minutes(30))) func invariantNoReaderTrapsOrSwells() async {
    await #expect(processExitsWith: .success) {
      let before = HostileImagesTests.peakMemory
      for reader in FuzzedReader.all {
        let count: UInt64 = 20_000
        let good = reader.attempts(0..<count)
        guard good > 20, good < Int(count) else { exit(2) }
        guard reader.cutsAndFlips() > 0 || reader.name == "png-rows" || reader.name == "stl-10" else { exit(3) }
      }
      exit(HostileImagesTests.peakMemory - before < 256 << 20 ? 0 : 4)
    }
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["TSUC_FUZZ"] != nil)) func hunt() throws {
    let words = (ProcessInfo.processInfo.environment["TSUC_FUZZ"] ?? "")
      .split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    let (first, count) = (UInt64(words[0]) ?? 0, UInt64(words[1]) ?? 0)
    for reader in FuzzedReader.all where words.count < 3 || words[2].isEmpty || reader.name.contains(words[2]) {
      let before = HostileImagesTests.peakMemory
      let good = reader.attempts(first..<first + count, tells: words.count > 3)
      print("\(reader.name): \(count) files, \(good) read, \((HostileImagesTests.peakMemory - before) >> 20) MiB more")
    }
  }
}
