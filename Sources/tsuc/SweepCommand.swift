// `tsuc sweep`: measures our exponential and logarithm on every Float there is.
// Tests    tsucTests/SweepCommandTests.swift
import Commands
import Foundation
import Kernels

extension Command {
  static let sweep = Command(
    name: "sweep", summary: "measure exp or log on all 2^32 Floats against Double: worst error, order, infinities",
    details: "Takes about a minute on two cores. Exit status 1 if an error reaches one unit in the last place, if two "
      + "neighbours are in the wrong order, or if an infinity or NaN is wrong.",
    operands: [Operand(name: "FUNCTION", help: "exp or log")],
    options: [Option("threads", "N", "how many threads, 1 to 256 (all processors)")]
  ) { arguments, console in
    let name = arguments.operands[0]
    guard let function = SweptFunction.all.first(where: { $0.name == name }) else {
      throw UsageError("the function is exp or log, not \"\(name)\"")
    }
    if let threads = try arguments.integer("threads", in: 1...256) { Parallel.threadCount = threads }
    let found = try FunctionSweep.overAllFloats(function) { done in
      if done % 8 == 0 && done < 64 { try console.write("\(done * 100 / 64) %\n") }
    }
    try console.write(found.lines(name: name))
    guard found.isSound else { throw RunError("\(name) is not what its documentation says") }
  }
}

extension FunctionSweep {
  /// The findings in words, a line each.
  func lines(name: String) -> String {
    func told(_ finding: Finding) -> String {
      String(format: "%.4f", finding.error) + " units in the last place at x = \(finding.input)"
    }
    let share = String(format: "%.3f %%", 100 * Double(misrounded) / Double(max(count, 1)))
    return """
      \(name) in Float against Double, \(count) inputs
        worst error, normal results     \(told(worst))
        worst error, subnormal results  \(worstSubnormal.error > 0 ? told(worstSubnormal) : "none is subnormal and inexact")
        not the nearest Float           \(misrounded) (\(share))
        neighbours in the wrong order   \(descents)\(firstDescent.map { ", first at x = \($0)" } ?? "")
        wrong infinities and NaNs       \(wrongSpecials)\(firstWrongSpecial.map { ", first at x = \($0)" } ?? "")

      """
  }
}
