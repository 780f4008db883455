// Names of files as the bytes that they are: Linux allows any byte but 0 and "/", and Foundation only reads names that are UTF-8.
//
// The calls of the system take pointers, which is why they stand in this module.
// Tests    KernelsTests/FileNamesTests.swift
import Foundation

/// The names in a folder that are not UTF-8; empty where the folder cannot be read.
package func undecodableNames(in folder: String) -> [[UInt8]] {
  guard let directory = unsafe opendir(folder) else { return [] }
  defer { unsafe closedir(directory) }
  var names: [[UInt8]] = []
  while let entry = unsafe readdir(directory) {
    let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in unsafe Array(bytes.prefix { $0 != 0 }) }
    if String(validating: name, as: UTF8.self) == nil { names.append(name) }
  }
  return names
}

/// Opens a regular file for reading.
///
/// - Parameter path: Its path, in bytes without a 0.
/// - Returns: The descriptor, which the caller closes; nil where there is no such file, it cannot be read, or it is no regular file.
package func openRegularFile(_ path: [UInt8]) -> Int32? {
  let file = unsafe (path + [0]).withUnsafeBufferPointer { bytes in
    // Nobody may wait here for the other end of a pipe.
    unsafe bytes.withMemoryRebound(to: CChar.self) { unsafe open($0.baseAddress!, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
  }
  guard file >= 0 else { return nil }
  var status = stat()
  if unsafe fstat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG { return file }
  _ = close(file)
  return nil
}
