// A value that one thread at a time looks at, behind a lock of the C library.
//
// Swift's `Mutex` would do, but for this: a thread that has to wait gets the lock inside the standard library, where the thread
// sanitizer sees nothing, and so it takes every contended region for a race. Additions by eight threads under a Mutex show it.
// Tests    KernelsTests/GuardedTests.swift
import Foundation

/// Lends its value to one caller at a time.
@safe final class Guarded<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Value

  init(_ value: Value) { self.value = value }

  /// Runs `body` on the value while no other caller has it; `body` must not ask for it again.
  func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    try lock.withLock { try body(&value) }
  }
}
