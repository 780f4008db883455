// Folders that runs have left inside a folder of pictures, such as "runs" where the program was started there.
//
// Tests    ImagesTests/RunResultsTests.swift
import Foundation

/// Tells results of runs from classes of pictures.
enum RunResults {
  /// What the folder of a run holds, finished or not, or one of sorted copies.
  private static let marks: Set<String> = [
    "states", "checkpoint.safetensors", "checkpoint-stage-one.safetensors", "predictions.csv",
  ]

  /// Whether a folder is the folder of a run, or holds nothing but such folders.
  static func areIn(_ folder: String) -> Bool {
    if isRun(folder) { return true }
    let names = visibleNames(in: folder)
    return !names.isEmpty && names.allSatisfy { isRun("\(folder)/\($0)") }
  }

  private static func isRun(_ folder: String) -> Bool { !marks.isDisjoint(with: visibleNames(in: folder)) }

  private static func visibleNames(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }
  }
}
