import Foundation

/// The files of one figure in a folder: `name.gp`, `name.dat` and its pictures.
///
/// **What may be replaced.** A `.gp` and a `.dat` begin with a heading that names the figure and seals the text below it; a
/// file without the heading, or whose text no longer fits its seal, is someone's work and is never replaced. A picture may be
/// replaced when the `.gp` beside it lists it. Pictures that are already there are drawn anew together with the ones
/// asked for, so that the files of a figure always show the same data.
struct FigureFiles {
  let folder: URL
  let name: String

  var script: URL { folder.appending(path: "\(name).gp") }
  var data: URL { folder.appending(path: "\(name).dat") }
  func picture(_ format: FigureFormat) -> URL { folder.appending(path: "\(name).\(format.rawValue)") }

  /// The pictures to draw: `formats` and those of this figure that are there already.
  /// Throws `PlottingError.notOurs` when a file is in the way.
  func formatsToDraw(_ formats: [FigureFormat]) throws -> [FigureFormat] {
    let listed = try Sealed.pictures(of: name, in: script) ?? []
    _ = try Sealed.pictures(of: name, in: data)
    let present = FigureFormat.allCases.filter { Self.exists(picture($0)) }
    for format in present where formats.contains(format) && !listed.contains(format) {
      throw PlottingError.notOurs(
        file: picture(format).path(percentEncoded: false), reason: "the workbench did not draw it")
    }
    return FigureFormat.allCases.filter {
      formats.contains($0) || (present.contains($0) && listed.contains($0))
    }
  }

  /// Moves the figure's files from `workshop` into the folder. The script comes first: it is what marks the others as
  /// ours, should the program end between two moves.
  func moveIn(from workshop: URL, formats: [FigureFormat]) throws -> [URL] {
    let targets = [script, data] + formats.map(picture)
    var added: [URL] = []
    for target in targets {
      let isNew = !Self.exists(target)
      let source = workshop.appending(path: target.lastPathComponent)
      guard rename(source.path(percentEncoded: false), target.path(percentEncoded: false)) == 0 else {
        let reason = String(cString: strerror(errno))
        for file in added { try? FileManager.default.removeItem(at: file) }
        throw PlottingError.fileSystem(path: target.path(percentEncoded: false), reason: reason)
      }
      if isNew { added.append(target) }
    }
    return targets
  }

  /// Whether something has that name, a dangling link included.
  private static func exists(_ url: URL) -> Bool {
    var status = stat()
    return lstat(url.path(percentEncoded: false), &status) == 0
  }

  /// Text below a heading that names its figure and seals it.
  enum Sealed {
    /// `text` with its heading.
    static func text(_ text: String, name: String, pictures: [FigureFormat]) -> String {
      let list = pictures.map(\.rawValue).joined(separator: " ")
      let head =
        "# Figure \(name), drawn by the workbench; `gnuplot \(name).gp` draws it again.\n# pictures: \(list)\n"
      return head + "# seal: \(seal(head + text))\n" + text
    }

    /// The pictures listed in a file's heading; nil when there is no such file.
    /// Throws `PlottingError.notOurs` when the file is not this figure's, or was changed.
    static func pictures(of name: String, in file: URL) throws -> [FigureFormat]? {
      guard exists(file) else { return nil }
      let path = file.path(percentEncoded: false)
      guard let bytes = try? Data(contentsOf: file) else {
        throw PlottingError.notOurs(file: path, reason: "it cannot be read")
      }
      let lines = String(decoding: bytes, as: UTF8.self)
        .split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false)
      guard lines.count == 4, lines[0].hasPrefix("# Figure \(name), drawn by the workbench"),
        lines[1].hasPrefix("# pictures: "), lines[2].hasPrefix("# seal: ")
      else { throw PlottingError.notOurs(file: path, reason: "the workbench did not make it") }
      guard lines[2].dropFirst("# seal: ".count) == seal("\(lines[0])\n\(lines[1])\n\(lines[3])") else {
        throw PlottingError.notOurs(file: path, reason: "it was changed since the workbench made it")
      }
      return lines[1].dropFirst("# pictures: ".count).split(separator: " ")
        .compactMap { FigureFormat(rawValue: String($0)) }
    }

    /// FNV-1a with 64 bits (Fowler, Noll, Vo), in hex.
    private static func seal(_ text: String) -> String {
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      for byte in text.utf8 {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
      }
      let digits = String(hash, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
  }
}
