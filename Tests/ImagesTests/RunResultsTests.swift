import Foundation
import TestSupport
import Testing

@testable import Images

@Suite("Results of runs among pictures")
struct RunResultsTests {
  @Test func runsAmongPicturesArePassedOver() throws {
    try withTemporaryFolder { folder in
      let picture = PNG.encode([1, 2], width: 2, height: 1)
      for name in ["1.png", "2.png"] { try write(picture, to: "\(folder)/\(name)") }
      try makeFolder("\(folder)/runs/pictures-seed0/states")
      try makeFolder("\(folder)/sorted/cluster-0")
      try write(picture, to: "\(folder)/sorted/cluster-0/1-1.png")
      try write([1], to: "\(folder)/sorted/checkpoint.safetensors")
      try makeFolder("\(folder)/further/cluster-1")
      try write([1], to: "\(folder)/further/predictions.csv")
      let set = try ImageSet.load(folder)
      #expect(set.imageNames == ["1.png", "2.png"] && set.labels == nil && set.remarks.isEmpty)
      // A folder that holds anything else is not a result.
      try makeFolder("\(folder)/runs/other")
      #expect(loadingProblem(folder)?.hasPrefix("the folder holds pictures (1.png) and sub-folders (runs)") == true)
    }
    try withTemporaryFolder { folder in
      for name in ["cat", "dog"] {
        try makeFolder("\(folder)/\(name)")
        try write(PNG.encode([1, 2], width: 2, height: 1), to: "\(folder)/\(name)/a.png")
      }
      try makeFolder("\(folder)/runs/one")
      try write([1], to: "\(folder)/runs/one/checkpoint-stage-one.safetensors")
      #expect(try ImageSet.load(folder).classNames == ["cat", "dog"])
    }
  }

  @Test func anEmptyFolderIsNoResult() throws {
    try withTemporaryFolder { folder in
      try makeFolder("\(folder)/a")
      #expect(!RunResults.areIn("\(folder)/a") && !RunResults.areIn("\(folder)/none"))
    }
  }
}
