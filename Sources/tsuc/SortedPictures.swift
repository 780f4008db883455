// Pictures in a folder for each cluster: copies of their files or links to them, the most confident first.
//
//     OUT/cluster-3/001-rose_7.png     the rank in the cluster, then the name; 001 is the most confident
//
// A file is copied under a temporary name and then renamed. No file is overwritten, no original is changed.
// Tests    tsucTests/SortedPicturesTests.swift
import Commands
import Foundation
import Images
import TwoStage

/// The pictures of a set, to be sorted.
struct SortedPictures {
  private let images: ImageSet
  /// The folder that the images' names are relative to; nil where images have no files of their own.
  private let source: String?
  private let asLinks: Bool

  /// The pictures of a set that was read from `path`.
  init(_ images: ImageSet, of path: String, asLinks: Bool) {
    (self.images, self.asLinks) = (images, asLinks)
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    let isFolder = (try? url.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
    source = images.imageNames == nil ? nil : (isFolder ? url : url.deletingLastPathComponent()).path
  }

  /// Refuses copies that the disk has no room for, and links to images that have no files.
  ///
  /// - Parameters:
  ///   - folder: Where the copies are to be.
  ///   - free: The bytes that are free there; by default what the system says.
  /// - Throws: A sentence with what would do instead.
  func checkSpace(for folder: String, free: Int? = nil) throws(RunError) {
    if asLinks && source == nil {
      throw RunError("\(images.name) has no file for each image to link to; without --link they are written as PNG")
    }
    guard let source, let names = images.imageNames, !asLinks else { return }
    let files = FileManager.default
    let needed = names.reduce(0) { sum, name in
      let target = URL(fileURLWithPath: "\(source)/\(name)").resolvingSymlinksInPath().path
      return sum + (((try? files.attributesOfItem(atPath: target))?[.size] as? NSNumber)?.intValue ?? 0)
    }
    guard let free = free ?? Self.freeBytes(at: folder), needed > free else { return }
    throw RunError(
      "the copies of \(names.count) pictures take \(decimals(Double(needed) / 1e6, 1)) MB, and the disk of \(folder) "
        + "has \(decimals(Double(free) / 1e6, 1)) MB free; \"--link\" makes links, which take no room")
  }

  /// What is free where a folder is to be made; nil for places that hold no files, such as /proc.
  private static func freeBytes(at folder: String) -> Int? {
    var place = URL(fileURLWithPath: folder).standardizedFileURL
    while !FileManager.default.fileExists(atPath: place.path) && place.path != "/" { place.deleteLastPathComponent() }
    let system = try? FileManager.default.attributesOfFileSystem(forPath: place.path)
    guard let size = system?[.systemSize] as? NSNumber, size.intValue > 0 else { return nil }
    return (system?[.systemFreeSize] as? NSNumber)?.intValue
  }

  /// Makes the folders and fills them.
  ///
  /// - Parameters:
  ///   - evaluation: The cluster and the confidence of every image of the set.
  ///   - folder: Where the folders are made; it may exist, they may not.
  ///   - console: Where the sizes of the clusters are told.
  ///   - stop: A signal that has come, if one has; by default SIGINT and SIGTERM are listened to.
  /// - Throws: ``Interruption`` after a signal, ``RunError`` for the first file that cannot be written or, after all others, for
  ///   originals that are gone; what was written stays.
  func write(
    _ evaluation: RunEvaluation, to folder: String, on console: Console, stop: (() -> Int32?)? = nil
  ) throws {
    guard let stop else {
      let signals = StopSignals()
      defer { signals.close() }
      return try write(evaluation, to: folder, on: console) { signals.received }
    }
    var (done, sizes, gone) = (0, [String](), [String]())
    for cluster in 0..<evaluation.clusterCount {
      let members = evaluation.images(in: cluster)
      sizes.append("cluster-\(cluster) (\(members.isEmpty ? "empty" : "\(members.count)"))")
      if members.isEmpty { continue }
      let clusterFolder = "\(folder)/cluster-\(cluster)"
      let digits = "\(members.count)".count
      do {
        try FileManager.default.createDirectory(atPath: clusterFolder, withIntermediateDirectories: true)
        for (rank, image) in members.enumerated() {
          if let signal = stop() {
            throw Interruption(
              signal: signal,
              message: "stopped after \(done) of \(images.count) pictures; what is in \(folder) stays and is whole; "
                + "\"tsuc predict\" with --copy-to and a new folder sorts all of them")
          }
          if let source, let names = images.imageNames, !FilePath.exists("\(source)/\(names[image])") {
            gone.append(names[image])
            continue
          }
          let number = String(repeating: "0", count: digits - "\(rank + 1)".count) + "\(rank + 1)"
          try write(image, to: clusterFolder, as: Self.fileName(rank: number, name: name(of: image)))
          done += 1
        }
      } catch let stop as Interruption {
        throw stop
      } catch {
        let reason = (error as? RunError)?.description ?? failureReason(of: error)
        throw RunError(
          "after \(done) of \(images.count) pictures: \(reason). What is in \(folder) stays and is whole; \"tsuc predict\" with "
            + "--copy-to and a new folder sorts all of them again")
      }
    }
    try console.write(
      "\(done) picture\(done == 1 ? "" : "s") \(source == nil ? "written" : asLinks ? "linked" : "copied") into \(folder): "
        + sizes.joined(separator: ", ") + "\n")
    guard let first = gone.first else { return }
    throw RunError(
      "not sorted, because no longer in \(source ?? ""): \(gone.count) of \(images.count) pictures, "
        + (gone.count == 1 ? first : "\(first) and others"))
  }

  /// The last part of an image's name; a name from its number where it has no file.
  private func name(of image: Int) -> String {
    images.imageNames.map { $0[image].split(separator: "/").last.map(String.init) ?? $0[image] } ?? "image-\(image).png"
  }

  /// "007-rose.png"; file systems take names of 255 bytes, so a longer one loses characters before its suffix.
  static func fileName(rank: String, name: String) -> String {
    var stem = Substring(name)
    var suffix = Substring()
    if let dot = name.lastIndex(of: "."), name[dot...].utf8.count <= 10 {
      (stem, suffix) = (name[..<dot], name[dot...])
    }
    while rank.utf8.count + 1 + stem.utf8.count + suffix.utf8.count > 255 - partialLength { stem = stem.dropLast() }
    return "\(rank)-\(stem)\(suffix)"
  }

  /// Room for what the temporary name has besides.
  private static let partialLength = ".partial".count

  private func write(_ image: Int, to folder: String, as name: String) throws {
    let files = FileManager.default
    let (path, partial) = ("\(folder)/\(name)", "\(folder)/\(name).partial")
    guard let source, let names = images.imageNames else {
      let pixels = images.image(image).map { UInt8((255 * $0).rounded()) }
      let area = images.height * images.width
      let interleaved = (0..<area).flatMap { i in (0..<images.channels).map { pixels[$0 * area + i] } }
      let png = PNG.encode(interleaved, width: images.width, height: images.height, channels: images.channels)
      return try writeNewFile(Data(png), to: path)
    }
    let original = "\(source)/\(names[image])"
    // Foundation neither copies such a file nor links to it.
    if let contents = FilePath.contents(ofUndecodable: original) { return try writeNewFile(contents, to: path) }
    if asLinks { return try files.createSymbolicLink(atPath: path, withDestinationPath: original) }
    do {
      // A link among the pictures is copied as what it leads to.
      try files.copyItem(atPath: URL(fileURLWithPath: original).resolvingSymlinksInPath().path, toPath: partial)
      try files.moveItem(atPath: partial, toPath: path)
    } catch {
      try? files.removeItem(atPath: partial)
      throw RunError("\(original) cannot be copied to \(path): \(failureReason(of: error))")
    }
  }
}
