// What the tests of threaded kernels share: one lock around the global number of threads, and random scalars.
@testable import Kernels

private let threadCountLock = Guarded<Void>(())

/// Runs `body` with the kernels on `count` threads; tests that do so wait for each other.
func withThreads(_ count: Int, _ body: () -> Void) {
  threadCountLock.withLock { _ in
    let before = Parallel.threadCount
    Parallel.threadCount = count
    body()
    Parallel.threadCount = before
  }
}

extension RandomStream {
  /// Uniform numbers in [−1, 1): enough different last bits to tell one order of summation from another.
  mutating func scalars<Scalar: RealScalar>(_ count: Int, of _: Scalar.Type = Scalar.self) -> [Scalar] {
    (0..<count).map { _ in Scalar(uniform(-1, 1)) }
  }
}
