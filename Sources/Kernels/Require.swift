// Stops on a programmer's mistake with a message in every build mode (`precondition` loses its message under -O).
// Tests    KernelsTests/RequireTests.swift

/// Stops the program with `message` unless `condition` holds.
///
/// For mistakes of the programmer (shapes, ranges); the message holds both actual values. The world's mistakes
/// (files, options) are thrown errors instead.
@inline(__always)
public func require(
  _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
  if !condition { fatalError(message(), file: file, line: line) }
}
