// What the commands on a run accept: its folder, finished or not, or one file of it.
// Tests    tsucTests/ResumingProcessTests.swift
import Commands
import Files
import Foundation
import Networks

extension Checkpoint {
  /// The networks of a run: those of its end or, before that, as they stood in its newest good state, which is told.
  init(ofRun operand: String, console: Console) throws {
    let finished = "\(operand)/\(RunFolder.checkpointName)"
    let kind = try? URL(fileURLWithPath: operand).resolvingSymlinksInPath().resourceValues(forKeys: [.isDirectoryKey])
    if FileManager.default.fileExists(atPath: operand), kind?.isDirectory == false {
      let format = try Safetensors.read(operand).metadata["format"] ?? ""
      self =
        format.hasPrefix("tsuc training state")
        ? try TrainingState(reading: operand).checkpoint() : try Checkpoint(reading: operand)
    } else if !FileManager.default.fileExists(atPath: finished) && !StateFolder.states(of: operand).isEmpty {
      let state = try TrainingResumption.newestGood(of: operand, console: console).state
      console.complain("tsuc: \(operand) is not finished; using \(state.path), \(state.progress)")
      self = try state.checkpoint()
    } else {
      self = try Checkpoint(reading: finished)
    }
  }
}
