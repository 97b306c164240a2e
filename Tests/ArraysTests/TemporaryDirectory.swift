import Arrays
import Foundation
import Testing

/// A directory that is removed with everything in it when the test ends.
final class TemporaryDirectory {
  let path: String

  init() throws {
    let name = "arrays-tests-\(UUID().uuidString)"
    path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the directory.
  func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file and returns its path.
  func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  /// The bytes of a file.
  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name))))
  }

  /// The names of the files in it, sorted.
  var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }
}

/// Expects a failure of this kind whose one line names the file and says `reason`.
func expectFileError(
  _ kind: ArrayFileError.Kind, _ reason: String, _ body: () throws -> Void,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let error = #expect(throws: ArrayFileError.self, sourceLocation: sourceLocation) { try body() }
  guard let error else { return }
  #expect(error.kind == kind, sourceLocation: sourceLocation)
  #expect(error.description.contains(reason), sourceLocation: sourceLocation)
  #expect(error.description.hasPrefix(error.path), sourceLocation: sourceLocation)
  #expect(!error.description.contains("\n"), sourceLocation: sourceLocation)
}

/// Elements, shape and dtype as text, for comparing arrays as wholes.
func whole(_ array: NDArray) -> String { "\(array.dtype) \(array.shape) \(array.scalars)" }
