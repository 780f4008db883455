import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Kill matrix")
struct KillMatrixTests {
  private func stored() throws -> KillMatrix { try KillMatrix(reading: KillMatrix.ownPath) }

  // The stored matrix is of this corpus; every mutant is killed in every profile in which it is one, and every case kills one.
  @Test func invariantNothingSurvives() throws {
    let (corpus, matrix) = (try ownCorpus.get(), try stored())
    #expect(matrix.corpus == corpus.manifest.hash)
    for profile in KillMatrix.profiles {
      #expect(matrix.survivors(in: profile).map(\.name) == [], "\(profile.rawValue)")
    }
    let useful = Set(matrix.entries.filter { $0.kills(.float32) }.map(\.id))
    #expect(corpus.manifest.cases.filter { !useful.contains($0) } == [])
  }

  // Every fourteenth case is run anew with all mutants, but for the two that take seconds.
  @Test func knownAnswersOfASample() throws {
    let corpus = try ownCorpus.get()
    let ids = corpus.manifest.cases.enumerated().filter { index, id in
      index % 14 == 5 && !id.hasPrefix("trajectory/") && !id.hasSuffix("resnet-18")
    }.map(\.element)
    #expect(ids.count > 30)
    #expect(try stored().differences(from: corpus.killMatrix(on: ids)) == [])
  }

  @Test func workedExampleOfDifferences() {
    func matrix(_ margins: [Double]) -> KillMatrix {
      KillMatrix(corpus: "c", entries: [.init(mutant: "a.b", id: "x/y", margins: margins)])
    }
    let old = matrix([100, 50, 20, 0.5])
    #expect(old.differences(from: matrix([101, 50, 20, 0.9])) == [])
    #expect(old.differences(from: matrix([100, 40, 20, 0.5])).count == 1)
    #expect(old.differences(from: KillMatrix(corpus: "d", entries: old.entries)).count == 1)
    #expect(old.kills(by: "x/y", in: .tf32).count == 1 && old.kills(by: "x/y", in: .bfloat16).isEmpty)
    #expect(old.areas(in: .float32).counts == [[1]] && old.areas(in: .bfloat16).counts == [[0]])
  }

  @Test func invariantAFileGivesItsMatrixBack() throws {
    let matrix = KillMatrix(
      corpus: "c",
      entries: [
        .init(mutant: "aug.no-stop-gradient", id: "loss/a", margins: [123_456, 12.34, 1, 0]),
        .init(mutant: "crop.one-try", id: "rng/b", margins: Array(repeating: .infinity, count: 4)),
      ])
    try withFolder { path in
      try CorpusFiles.write(["matrix.json": matrix.encoded], to: path("power"))
      let read = try KillMatrix(reading: path("power/matrix.json"))
      #expect(read.corpus == "c" && read.entries.map(\.mutant) == matrix.entries.map(\.mutant))
      #expect(read.entries[0].margins == [123_000, 12.3, 1, 0] && read.entries[1].margins[2] == .infinity)
    }
    #expect(matrix.picture(of: .float32).contains("1 of 1 crop mutants by rng cases"))
  }

  @Test(arguments: [
    "{}", "[]", "{\"corpus\": \"c\", \"mutants\": {\"a.b\": 3}}",
    "{\"corpus\": \"c\", \"mutants\": {\"a.b\": {\"cases\": {\"x/y\": [1, 2]}}}}",
    "{\"corpus\": \"c\", \"mutants\": {\"a.b\": {\"cases\": {\"x/y\": [1, 2, 3, \"many\"]}}}}",
  ])
  func wrongFilesAreRefused(text: String) throws {
    try withFolder { path in
      try CorpusFiles.write(["matrix.json": Array(text.utf8)], to: path("power"))
      #expect(throws: OracleError.self) { try KillMatrix(reading: path("power/matrix.json")) }
    }
  }
}
