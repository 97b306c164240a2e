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
    case .line(let fileID, let line): "\(fileID):\(line)"
    case .frames(let frames): FrameLines.known.withLock { $0.line(frames) }
    case .unknown: nil
    }
  }
}
