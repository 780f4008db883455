// Files that are written whole or not at all, and never over another.
// Tests    tsucTests/RunFolderTests.swift
import Foundation

/// Why an operation on files failed, in few words.
package func failureReason(of error: any Error) -> String {
  switch (error as? CocoaError)?.code {
  case .fileWriteOutOfSpace: "the disk is full"
  case .fileWriteNoPermission, .fileReadNoPermission: "permission is denied"
  case .fileNoSuchFile, .fileReadNoSuchFile: "there is no such folder"
  default: error.localizedDescription
  }
}

/// Writes a file under a temporary name beside it and renames it; a name that is taken is refused.
package func writeNewFile(_ data: Data, to path: String) throws(RunError) {
  if FileManager.default.fileExists(atPath: path) {
    throw RunError("\(path) exists already and is not overwritten; choose another name")
  }
  let temporary = "\(path).\(ProcessInfo.processInfo.processIdentifier).partial"
  do {
    try data.write(to: URL(fileURLWithPath: temporary), options: .withoutOverwriting)
    try FileManager.default.moveItem(atPath: temporary, toPath: path)
  } catch {
    try? FileManager.default.removeItem(atPath: temporary)
    throw RunError("\(path) cannot be written: \(failureReason(of: error))")
  }
}
