import Files
import Foundation
import Kernels
import Networks
import TestSupport
import Testing

/// Files as an attacker or a bad disk would leave them: good ones with bytes flipped, cut, repeated, lengths rewritten.
struct MutatedFiles {
  private var generator: SplitMix
  private let seeds: [[UInt8]]
  private static let words = [
    "4294967296", "-1", "9223372036854775807", "1e9", "[", "]", "{", "}", "\"", ",", ":", "F32", "F64", "U8",
    "\"data_offsets\":[0,8]", "\"shape\":[65536,65536,65536]", "__metadata__", "\\ud800", "\u{0}", "\u{7F}", "(", ")",
    "'shape': ", "'descr': '<f8', ", "True",
  ].map { Array($0.utf8) }

  /// Lengths and offsets: too large each, too large together, negative, none.
  private static let lists = [
    "4294967296,4294967296", "65536,65536,65536,65536", "9223372036854775807,2", "-1,-1", "", "0", "3,5,0",
    "0,9223372036854775807", "60,0", "1,1,1,1,1,1,1,15",
  ].map { Array($0.utf8) }

  init(of seeds: [[UInt8]], seed: UInt64) {
    self.seeds = seeds
    generator = SplitMix(state: seed)
  }

  private mutating func integer(below bound: Int) -> Int { Int(generator.next() >> 33) % max(1, bound) }

  /// The next file: one to four changes of a good one.
  mutating func next() -> [UInt8] {
    var bytes = seeds[integer(below: seeds.count)]
    for _ in 0...integer(below: 4) {
      let index = integer(below: bytes.count)
      switch integer(below: 9) {
      case 0 where !bytes.isEmpty: bytes[index] ^= 1 << UInt8(integer(below: 8))
      case 1 where !bytes.isEmpty: bytes[index] = UInt8(integer(below: 256))
      case 2: bytes.removeLast(min(bytes.count, integer(below: 12)))
      case 3 where !bytes.isEmpty: bytes.remove(at: index)
      case 4: bytes.insert(contentsOf: Self.words[integer(below: Self.words.count)], at: min(index, bytes.count))
      case 5 where bytes.count > 8:
        for i in 0..<8 { bytes[i] = UInt8(truncatingIfNeeded: generator.next() >> UInt64(8 * integer(below: 8))) }
      case 6 where bytes.count > 2: bytes += bytes[index...].prefix(40)
      case 7 where bytes.count > 16:
        // A digit of the header, where most lengths and offsets stand.
        if let digit = bytes.indices.dropFirst(index).first(where: { (0x30...0x39).contains(bytes[$0]) }) {
          bytes[digit] = 0x30 + UInt8(integer(below: 10))
        }
      case 8:
        // Another list of numbers where one stands.
        if let open = bytes.indices.dropFirst(index).first(where: { [0x5B, 0x28].contains(bytes[$0]) }),
          let close = bytes[open...].firstIndex(where: { [0x5D, 0x29].contains($0) })
        {
          bytes.replaceSubrange(open + 1..<close, with: Self.lists[integer(below: Self.lists.count)])
        }
      default: break
      }
    }
    return bytes
  }

  /// Good files of every kind that is read.
  static var safetensors: [[UInt8]] {
    var file = SafetensorsFile(metadata: ["a": "b", "é": "\u{1}"])
    file.append(Tensor<Float>.random([3, 5], seed: 1), named: "x")
    file.append(Tensor<Double>.random([2], seed: 1), named: "x.gradient")
    file.append(integers: [1, 2, 3], shape: [3], named: "n")
    file.append(bytes: [1, 2, 3, 4], shape: [2, 2], named: "bytes")
    file.append(Tensor<Double>.random([2, 2], seed: 2), as: .half, named: "half")
    var single = SafetensorsFile()
    single.append(Tensor<Double>(shape: []), named: "y")
    return [file.encoded(), single.encoded(), SafetensorsFile().encoded()]
  }
  static var npy: [[UInt8]] {
    [
      Npy.encoded(Tensor<Float>.random([3, 5], seed: 1)), Npy.encoded(Tensor<Double>.random([4], seed: 1)),
      Npy.encoded(Tensor<Float>(shape: [])), Npy.encoded(integers: [1, 2], shape: [2]),
    ]
  }

  /// The most memory that the process has ever held, in bytes; 0 where the system does not tell.
  static var peakMemory: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(separator: " ").compactMap { Int($0) }.first ?? 0) * 1024
  }
}

@Suite("Hostile files")
struct HostileFilesTests {
  // Each loop runs in a process of its own: a trap is seen as such, and so is the memory that these files alone have used.
  // A file of a few hundred bytes that made the reader believe its header could ask for terabytes.
  @Test(.timeLimit(.minutes(30))) func invariantSafetensorsNeverTrapOrSwell() async {
    await #expect(processExitsWith: .success) {
      var files = MutatedFiles(of: MutatedFiles.safetensors, seed: 1)
      let before = MutatedFiles.peakMemory
      var (good, sentences) = (0, Set<String>())
      for _ in 0..<90_000 {
        do throws(SafetensorsError) {
          let file = try SafetensorsFile(bytes: files.next(), name: "f")
          good += 1
          for name in file.names {
            _ = try? file.reals(named: name)
            _ = try? file.integers(named: name)
            _ = try? file.bytes(named: name)
          }
        } catch {
          sentences.insert(String(error.description.filter { !$0.isNumber }.prefix(48)))
        }
      }
      // Both ends are reached, and many different faults on the way.
      guard good > 1000, sentences.count > 40 else { exit(2) }
      exit(MutatedFiles.peakMemory - before < 32 << 20 ? 0 : 3)
    }
  }

  @Test(.timeLimit(.minutes(30))) func invariantNpyNeverTrapsOrSwells() async {
    await #expect(processExitsWith: .success) {
      var files = MutatedFiles(of: MutatedFiles.npy, seed: 2)
      let before = MutatedFiles.peakMemory
      var (good, sentences) = (0, Set<String>())
      for _ in 0..<40_000 {
        do throws(NpyError) {
          _ = try Npy.decode(files.next(), name: "f", as: Float.self)
          good += 1
        } catch {
          sentences.insert(String(error.description.filter { !$0.isNumber }.prefix(48)))
        }
      }
      guard good > 500, sentences.count > 15 else { exit(2) }
      exit(MutatedFiles.peakMemory - before < 32 << 20 ? 0 : 3)
    }
  }

  // Headers near a megabyte: all brackets, all keys, all digits. Time and memory stay within a small multiple.
  @Test(.timeLimit(.minutes(30))) func invariantLargeHeadersStayProportional() async {
    await #expect(processExitsWith: .success) {
      let size = 1 << 20
      let bodies = [
        String(repeating: "[", count: size), "[" + String(repeating: "1,", count: size / 2) + "1]",
        "{" + (0..<size / 12).map { "\"\($0)\":1," }.joined() + "\"x\":1}", String(repeating: "7", count: size),
        "\"" + String(repeating: "\\u0041", count: size / 6) + "\"", String(repeating: " ", count: size),
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[" + String(repeating: "1,", count: size / 2)
          + "1],\"data_offsets\":[0,0]}}",
      ]
      let before = MutatedFiles.peakMemory
      for body in bodies {
        guard (try? SafetensorsFile(bytes: SafetensorsTests.bytes(body), name: "large")) == nil else { exit(2) }
      }
      // 64 bytes for each byte of a file: the text, its values of 24 bytes, and arrays that double as they grow.
      exit(MutatedFiles.peakMemory - before < 64 * size + 32 << 20 ? 0 : 3)
    }
  }
}
