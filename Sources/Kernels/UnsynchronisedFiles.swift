// Files that are created without waiting for the disk, and the one wait for all of them.
//
// Foundation waits for the disk with every file that it writes: nine tenths of the time of ten thousand small ones. The calls of
// the system take pointers, which is why they stand in this module.
// Tests    KernelsTests/UnsynchronisedFilesTests.swift
import Foundation

#if os(Linux)
  /// Linux's `syncfs`, which Swift's module of the C library leaves out.
  @_silgen_name("syncfs")
  private func synchroniseFileSystem(_ file: Int32) -> Int32
#endif

/// Creates a file, whose bytes may still be on their way to the disk afterwards.
///
/// - Parameters:
///   - path: Where there is no file yet.
///   - bytes: What it holds.
/// - Returns: The system's error number, 0 where nothing failed; EEXIST where something stands there.
package func createUnsynchronisedFile(_ path: String, _ bytes: [UInt8]) -> Int32 {
  let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
  guard file >= 0 else { return errno }
  var (written, failure): (Int, Int32) = (0, 0)
  while written < bytes.count && failure == 0 {
    let count = unsafe bytes[written...].withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
    if count >= 0 { written += count } else if errno != EINTR { failure = errno }
  }
  if close(file) != 0 && failure == 0 { failure = errno }
  return failure
}

/// Waits until all that was written to the file system of a folder is on its disk, names and bytes.
///
/// - Parameter folder: Any folder of the file system.
/// - Returns: The system's error number, 0 where nothing failed.
package func synchroniseFileSystem(of folder: String) -> Int32 {
  #if os(Linux)
    return withFolder(folder, synchroniseFileSystem)
  #else
    sync()
    return 0
  #endif
}

/// Waits until the names in a folder are on the disk.
///
/// - Parameter folder: The folder itself; what its files hold is not waited for.
/// - Returns: The system's error number, 0 where nothing failed.
package func synchroniseNames(in folder: String) -> Int32 { withFolder(folder) { fsync($0) } }

private func withFolder(_ folder: String, _ body: (Int32) -> Int32) -> Int32 {
  let file = unsafe open(folder, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return errno }
  let failure = body(file) == 0 ? 0 : errno
  _ = close(file)
  return failure
}
