import Experiment
import Foundation

/// A scratch folder for one comparison, and, if the user wants the files, the way from there to the output
/// folder.
///
/// Nothing reaches the output folder before it is complete, and no file there is replaced unless an earlier
/// run made it: a list of what was made, `.workbench`, is kept in the folder.
struct Workspace {
  /// The scratch folder.
  let scratch: URL
  private let output: URL?
  private let madeOutput: Bool

  private static let listName = ".workbench"

  /// Makes the scratch folder, in `output` if given, otherwise in the system's place for such. Throws an
  /// unavailable failure if that is impossible.
  init(output: String?) throws(Failure) {
    let files = FileManager.default
    guard let output else {
      self.output = nil
      madeOutput = false
      scratch = files.temporaryDirectory.appendingPathComponent(
        "workbench-\(getpid())-\(UInt32.random(in: 0...UInt32.max))")
      try Workspace.make(scratch, for: scratch.path)
      return
    }
    let folder = URL(fileURLWithPath: output).standardizedFileURL
    var isDirectory: ObjCBool = false
    let exists = files.fileExists(atPath: folder.path, isDirectory: &isDirectory)
    guard !exists || isDirectory.boolValue else {
      throw .unavailable("\(output): is a file; --output needs a folder")
    }
    if !exists { try Workspace.make(folder, for: output) }
    self.output = folder
    madeOutput = !exists
    scratch = folder.appendingPathComponent(".partial-\(getpid())")
    do {
      try Workspace.requireWritable(folder, for: output)
      try Workspace.make(scratch, for: output)
    } catch {
      if madeOutput { rmdir(folder.path) }
      throw error
    }
  }

  private static func make(_ folder: URL, for name: String) throws(Failure) {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw .unavailable("\(name): the folder cannot be made: \(Files.systemReason())")
    }
    try requireWritable(folder, for: name)
  }

  private static func requireWritable(_ folder: URL, for name: String) throws(Failure) {
    guard access(folder.path, W_OK) == 0 else {
      throw .unavailable("\(name): the folder cannot be written: \(Files.systemReason())")
    }
  }

  /// A path in the scratch folder.
  func path(_ name: String) -> String { scratch.appendingPathComponent(name).path }

  /// Moves the named files (paths in the scratch folder, folders in them allowed) to the output folder.
  /// Throws an unavailable failure, moving nothing, if one would replace a file that no earlier run made.
  func publish(_ names: [String]) throws(Failure) {
    guard let output else { return }
    let list = output.appendingPathComponent(Workspace.listName)
    let known = Set(
      (try? String(contentsOf: list, encoding: .utf8))?.split(separator: "\n").map(String.init) ?? [])
    for name in names where !known.contains(name) {
      let place = output.appendingPathComponent(name).path
      guard !FileManager.default.fileExists(atPath: place) else {
        throw .unavailable("\(place): exists and was not made by the workbench; choose another folder")
      }
    }
    // The list comes first: a file that is on it and missing does no harm.
    try Files.write(known.union(names).sorted().joined(separator: "\n") + "\n", to: list.path)
    for name in names {
      let place = output.appendingPathComponent(name)
      do {
        try FileManager.default.createDirectory(
          at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      } catch {
        throw .unavailable(
          "\(place.deletingLastPathComponent().path): the folder cannot be made: \(Files.systemReason())")
      }
      guard rename(path(name), place.path) == 0 else {
        throw .unavailable("\(place.path): cannot be written: \(Files.systemReason())")
      }
    }
  }

  /// Removes the scratch folder, and an output folder that was made for nothing.
  func remove() {
    try? FileManager.default.removeItem(at: scratch)
    // Removes only an empty folder.
    if madeOutput, let output { rmdir(output.path) }
  }
}
