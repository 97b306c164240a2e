import CKernels
import Runtime

/// The source line that made a node.
///
/// Functions that take part in building by name (placeholders, variables, assignments) are told their caller's line by the
/// compiler. Operators and methods on values (`x * w`) cannot be, since they are written once for arrays, tensors and
/// symbols; for them the return addresses are kept and looked up in the debug information when the line is asked for.
public struct SourceLocation: Sendable {
  private enum Place: Sendable {
    case line(fileID: String, line: Int)
    case frames(Backtrace)
    case unknown
  }
  private let place: Place

  private init(_ place: Place) { self.place = place }

  /// A known line.
  public init(_ fileID: String, _ line: Int) { place = .line(fileID: fileID, line: line) }

  /// The images of the process, captured once: it costs more than the frames.
  private static let images = ImageMap.capture()

  /// Held while frames are looked up.
  private static let turn = Guarded(())

  /// How many frames are kept.
  private static let limit = 40

  /// The innermost frame outside this library, whatever it is; unknown where the frames cannot be followed.
  static func ofCaller() -> SourceLocation {
    guard ck_frames_are_sound(Int32(limit)) != 0,
      let frames = try? Backtrace.capture(algorithm: .fast, limit: limit, offset: 0, top: 0, images: images)
    else { return SourceLocation(.unknown) }
    return SourceLocation(.frames(frames))
  }

  /// `File.swift:12`, or nil when it cannot be found out (no debug information).
  public var text: String? {
    switch place {
    case .line(let fileID, let line): return "\(fileID):\(line)"
    case .unknown: return nil
    case .frames(let frames):
      // One at a time: the runtime's reading of debug information is not said to be safe for several threads.
      let symbolicated = SourceLocation.turn.withLock { _ in
        frames.symbolicated(options: [.showInlineFrames, .showSourceLocations])
      }
      guard let symbolicated else { return nil }
      for frame in symbolicated.frames {
        guard let place = frame.symbol?.sourceLocation, place.line > 0 else { continue }
        if SourceLocation.isOwn(place.path) { continue }
        return "\(SourceLocation.shortened(place.path)):\(place.line)"
      }
      return nil
    }
  }

  /// Whether a file belongs to the library: its lines are not what the user wrote.
  private static func isOwn(_ path: String) -> Bool {
    let here = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let relative = path.hasPrefix("/\(here)/") ? path.dropFirst(here.count + 2) : path[...]
    let library = ["StaticGraph/", "Operations/", "Arrays/", "NN/"].contains { relative.hasPrefix($0) }
    return library || path.hasPrefix("<") || path == "/" || path.contains("/swift/stdlib/")
  }

  /// The last two parts of a path: module and file, as `#fileID` writes them.
  private static func shortened(_ path: String) -> String {
    path.split(separator: "/").suffix(2).joined(separator: "/")
  }
}
