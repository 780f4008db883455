// `tsuc train --resume RUN`: the configuration and the images come from the newest good state of the run.
// Tests    tsucTests/ResumingProcessTests.swift
import Files
import Commands
import Foundation
import Images
import TwoStage

/// A run that goes on: its lock, the state it goes on from, and those that were found damaged.
struct TrainingResumption {
  private let run: String
  private let folder: StateFolder
  private let state: TrainingState
  private let damaged: [String]

  /// Takes the run's lock and finds its newest good state; damaged ones are told.
  init(run: String, console: Console) throws {
    self.run = run
    guard FileManager.default.fileExists(atPath: run) else {
      throw RunError("\(run) does not exist; --resume takes the folder of a run that was stopped")
    }
    guard !FileManager.default.fileExists(atPath: "\(run)/metrics.json") else {
      throw RunError("\(run) is finished, so there is nothing to resume; \"tsuc evaluate\" prints its scores")
    }
    guard !StateFolder.states(of: run).isEmpty else {
      throw RunError("\(run) has no state to go on from in \(StateFolder.path(of: run)); train anew with another --out")
    }
    folder = try StateFolder(of: run)
    (state, damaged) = try Self.newestGood(of: run, console: console)
    if !damaged.isEmpty { console.complain("tsuc: going on from the older state \(state.path) instead") }
  }

  /// The newest state that is as it was written, and those newer that are not, each of which is told.
  static func newestGood(of run: String, console: Console) throws -> (state: TrainingState, damaged: [String]) {
    var damaged: [String] = []
    for path in StateFolder.states(of: run) {
      do {
        return (try TrainingState(reading: path), damaged)
      } catch let error as DamagedState {
        console.complain("tsuc: \(error.description)")
        damaged.append(path)
      }
    }
    throw RunError("\(run) has no good state left; train anew with another --out")
  }

  /// The run, ready to go on.
  func training(_ arguments: Arguments, policy: StatePolicy, console: Console) throws -> TrainingRun {
    try refuseOthers(arguments)
    let description = state.description
    // The same part of the same images, which may have moved.
    var choice = description.data
    (choice.name, choice.labels) = (arguments["data"] ?? choice.name, arguments["labels"] ?? choice.labels)
    choice = choice.fromAnywhere
    let images: ImageSet
    do {
      images = try choice.load(on: console)
    } catch {
      throw RunError("\(error); if the data of the run has moved, name its place with --data (and --labels)")
    }
    let trainer = try state.trainer(on: images)
    let test = try TestSet.resumed(
      arguments, state.test, own: description.data, training: choice, images: images, on: console)
    for warning in [state.warning, TestSet.warning(test, after: state.reports)].compactMap({ $0 }) {
      console.complain("tsuc: \(warning)")
    }
    for path in damaged { folder.setAside(path) }
    let name = URL(fileURLWithPath: state.path).lastPathComponent
    console.complain("tsuc: resuming \(run) from \(name), \(state.progress)")
    let runFolder = RunFolder(resuming: run)
    return TrainingRun(
      beginning: Trained(trainer: trainer, reports: state.reports, seconds: state.seconds), data: choice, test: test,
      initialEncoder: description.initialEncoder, isResumed: true, folder: runFolder,
      keeper: StateKeeper(folder: folder, policy: policy, console: console), console: console)
  }

  /// Refuses options that say otherwise than the state.
  private func refuseOthers(_ arguments: Arguments) throws {
    for name in ["preset", "method", "released", "dry-run", "encoder-from"] where arguments[name] != nil {
      throw UsageError("--\(name) cannot be given with --resume: a run keeps the configuration that it began with")
    }
    let (configuration, count) = (state.configuration, state.description.dataCount)
    func refuse(_ name: String, _ given: String, _ kept: String) -> UsageError {
      UsageError(
        "--\(name) is \(given), but the run in \(run) began with \(kept) and keeps it; leave the option out, or begin a new "
          + "run")
    }
    if let out = arguments["out"], URL(fileURLWithPath: out).path != URL(fileURLWithPath: run).path {
      throw refuse("out", out, run)
    }
    if let seed = try arguments.integer("seed", in: 0...Int(UInt32.max)), seed != Int(configuration.seed) {
      throw refuse("seed", "\(seed)", "\(configuration.seed)")
    }
    if let given = try arguments.integer("count", in: 1...Int(Int32.max)), given != count {
      throw refuse("count", "\(given)", "\(count)")
    }
    if let given = try TrainingChoice.clusterCount(arguments), given != configuration.stageTwo.classCount {
      throw refuse("classes", "\(given)", "\(configuration.stageTwo.classCount)")
    }
    let changed = try TrainingChoice.hyperParameters.apply(arguments, to: configuration)
    if changed == configuration { return }
    let (new, old) = (try JSON(of: changed), try JSON(of: configuration))
    for leaf in new.leaves where old[leaf.path[...]] != leaf.value {
      throw refuse(
        leaf.path.map(ConfigurationOptions.kebab).joined(separator: "."), leaf.value.text,
        old[leaf.path[...]]?.text ?? "none")
    }
  }
}
