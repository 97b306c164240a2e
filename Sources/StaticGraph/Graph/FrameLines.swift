import CKernels
import Guarding
import Runtime

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Finds the line of the innermost frame outside the library.
///
/// Names of frames are cheap, a frame's line is not: the runtime reads the line tables of the whole program for each, and
/// the list of inlined calls once more. So names say which frame to ask for, and lines found once are kept.
///
/// Used by one thread at a time: the runtime's reading of debug information is not said to be safe for several.
struct FrameLines {
  /// The lines found so far in this process.
  static let known = Guarded(FrameLines())

  /// By the address of the frame's call; nil where the frame belongs to the library or has no debug information.
  private var lines: [UInt64: String?] = [:]

  /// `Module/File.swift:12` of the innermost frame outside the library, or nil when no frame tells.
  mutating func line(_ frames: Backtrace) -> String? {
    guard let named = frames.symbolicated(options: []) else { return nil }
    for frame in named.frames {
      guard let symbol = frame.symbol, !FrameLines.isOwn(symbol.rawName),
        let address = UInt64(frame.captured.adjustedProgramCounter)
      else { continue }
      let line = lines[address] ?? FrameLines.line(address, frames)
      lines[address] = .some(line)
      if let line { return line }
    }
    return nil
  }

  /// The line of the call at `address`. Where the library's code was inlined there, the innermost line that is not the library's.
  private static func line(_ address: UInt64, _ frames: Backtrace) -> String? {
    guard let frame = frame(address, frames) else { return nil }
    let detail: [Backtrace.SymbolicationOptions] = [
      .showSourceLocations, [.showSourceLocations, .showInlineFrames],
    ]
    for options in detail {
      guard let found = frame.symbolicated(with: frames.images, options: options) else { continue }
      for place in found.frames.compactMap({ $0.symbol?.sourceLocation }) where place.line > 0 {
        if !isOwn(path: place.path) { return "\(shortened(place.path)):\(place.line)" }
      }
    }
    return nil
  }

  /// A backtrace of one frame, which the runtime only makes from its serialised form: a byte for the size of addresses (64 bits), one for
  /// "program counter, eight bytes", those bytes, and an end mark (Swift's CompactBacktraceFormat.md).
  private static func frame(_ address: UInt64, _ frames: Backtrace) -> Backtrace? {
    let bytes = [0x02, 0x17] + withUnsafeBytes(of: address.bigEndian, Array.init) + [0x00]
    let serialised = ["architecture": frames.architecture, "backtrace": Data(bytes).base64EncodedString()]
    guard let json = try? JSONEncoder().encode(serialised) else { return nil }
    return try? JSONDecoder().decode(Backtrace.self, from: json)
  }

  // MARK: What belongs to the library

  private static let modules = ["StaticGraph", "Operations", "Arrays", "NN"]

  /// Whether a function belongs to the library, and none of the user's went into it: every symbol its name is made of is the
  /// library's (a version made for a closure is named after the closure too), and no extension from outside holds it.
  private static func isOwn(_ name: String) -> Bool {
    let symbols = name.split(separator: "$s", omittingEmptySubsequences: false).dropFirst()
    guard !symbols.isEmpty else { return false }
    return symbols.allSatisfy { symbol in modules.contains { symbol.hasPrefix("\($0.utf8.count)\($0)") } }
      && extended(name).allSatisfy { by in modules.contains { by.hasPrefix("\($0))") } }
  }

  /// What follows each "(extension in " of the name written out: a module, a closing parenthesis, the rest.
  private static func extended(_ name: String) -> [Substring] {
    guard let text = swift_demangle(name, name.utf8.count, nil, nil, 0) else { return [] }
    defer { free(text) }
    let parts = String(cString: text).split(separator: "(extension in ", omittingEmptySubsequences: false)
    return Array(parts.dropFirst())
  }

  /// Whether a file belongs to the library: its lines are not what the user wrote.
  private static func isOwn(path: String) -> Bool {
    let here = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let relative = path.hasPrefix("/\(here)/") ? path.dropFirst(here.count + 2) : path[...]
    let library = modules.contains { relative.hasPrefix("\($0)/") }
    return library || path.hasPrefix("<") || path == "/" || path.contains("/swift/stdlib/")
  }

  /// The last two parts of a path: module and file, as `#fileID` writes them.
  private static func shortened(_ path: String) -> String {
    path.split(separator: "/").suffix(2).joined(separator: "/")
  }
}
