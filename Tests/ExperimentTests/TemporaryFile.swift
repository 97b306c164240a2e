import Foundation

/// A path for a file that is removed, with what lies beside it, when the test is over.
final class TemporaryFile: Sendable {
  private let folder: URL
  let path: String

  init(_ name: String, containing text: String? = nil) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "experiment-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.appendingPathComponent(name).path
    if let text { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// What lies in the folder, sorted.
  var neighbours: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
  }
}
