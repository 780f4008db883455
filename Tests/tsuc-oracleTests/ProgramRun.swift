// The program on some words, in this process.
import TestSupport

@testable import tsuc_oracle

/// The exit code, what was written, and what was noted.
typealias ProgramRun = (code: Int32, output: String, errors: String)

/// What the program does with a list of words.
func programRun(_ words: [String]) -> ProgramRun {
  let recorder = ConsoleRecorder()
  let code = Main.run(words, on: recorder.console())
  return (code, recorder.written, recorder.noted)
}

/// What the program does with some words.
func run(_ words: String...) -> ProgramRun { programRun(words) }
