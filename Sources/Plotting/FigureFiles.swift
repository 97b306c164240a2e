import Foundation

/// The files of one figure in a folder: its sources, such as `name.gp` and `name.dat`, and its pictures.
///
/// **What may be replaced.** A source begins with a heading that names the figure and seals the text below it; a
/// file without the heading, or whose text no longer fits its seal, is someone's work and is never replaced. A picture may be
/// replaced when the first source lists it. Pictures that are already there are drawn anew together with the ones
/// asked for, so that the files of a figure always show the same data.
package struct FigureFiles {
  package let folder: URL
  package let name: String
  /// What draws the figure.
  package let kind: Kind

  /// What a figure is drawn by, or what else the sources are.
  package enum Kind: Sendable {
    case gnuplot, graphviz
    /// C, of which no picture is made.
    case c

    /// How the names of the sources end; the first lists the pictures.
    package var sources: [String] {
      switch self {
      case .gnuplot: ["gp", "dat"]
      case .graphviz: ["dot"]
      case .c: ["c"]
      }
    }

    /// How the names of what is made of the sources may end.
    package var pictures: [String] {
      switch self {
      case .gnuplot: FigureFormat.allCases.map(\.rawValue)
      case .graphviz: FigureFormat.allCases.map(\.rawValue) + ["json", "txt"]
      case .c: []
      }
    }

    /// What begins a line that is a remark.
    fileprivate var remark: String { self == .c ? "//" : "#" }

    /// The first line of a source, up to what is to be done with it.
    fileprivate func title(_ name: String) -> String {
      self == .c ? "// Code \(name), written by the workbench" : "# Figure \(name), drawn by the workbench"
    }

    /// The rest of that line.
    fileprivate func advice(_ name: String) -> String {
      switch self {
      case .gnuplot: "; `gnuplot \(name).gp` draws it again."
      case .graphviz: "; `dot -Tsvg -O \(name).dot` draws it again."
      case .c: "; `clang -std=gnu17 -O3 -march=native -shared -fPIC \(name).c` compiles it."
      }
    }
  }

  /// The files of the figure `name` in `folder`.
  package init(folder: URL, name: String, kind: Kind = .gnuplot) {
    self.folder = folder
    self.name = name
    self.kind = kind
  }

  /// The file of that ending.
  package func file(_ ending: String) -> URL { folder.appending(path: "\(name).\(ending)") }

  /// `text` under the heading that makes it this figure's.
  package func sealed(_ text: String, pictures: [String]) -> String {
    Sealed.text(text, name: name, kind: kind, pictures: pictures)
  }

  /// The pictures to draw, by ending: those asked for and those of this figure that are there already.
  /// Throws `PlottingError.notOurs` when a file is in the way.
  package func picturesToDraw(_ pictures: [String]) throws -> [String] {
    let lists = try kind.sources.map { try Sealed.pictures(of: name, in: file($0), kind) }
    let listed = lists[0] ?? []
    let present = kind.pictures.filter { Self.exists(file($0)) }
    for picture in present where pictures.contains(picture) && !listed.contains(picture) {
      throw PlottingError.notOurs(
        file: file(picture).path(percentEncoded: false), reason: "the workbench did not draw it")
    }
    return kind.pictures.filter {
      pictures.contains($0) || (present.contains($0) && listed.contains($0))
    }
  }

  /// Moves the figure's files from `workshop` into the folder. The sources come first: they are what marks the others as
  /// ours, should the program end between two moves.
  package func moveIn(from workshop: URL, pictures: [String]) throws -> [URL] {
    let targets = (kind.sources + pictures).map(file)
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
  private enum Sealed {
    /// `text` with its heading.
    static func text(_ text: String, name: String, kind: Kind, pictures: [String]) -> String {
      let list = pictures.joined(separator: " ")
      let head =
        "\(kind.title(name))\(kind.advice(name))\n\(kind.remark) pictures: \(list)\n"
      return head + "\(kind.remark) seal: \(seal(head + text))\n" + text
    }

    /// The pictures listed in a file's heading; nil when there is no such file.
    /// Throws `PlottingError.notOurs` when the file is not this figure's, or was changed.
    static func pictures(of name: String, in file: URL, _ kind: Kind) throws -> [String]? {
      guard exists(file) else { return nil }
      let path = file.path(percentEncoded: false)
      guard let bytes = try? Data(contentsOf: file) else {
        throw PlottingError.notOurs(file: path, reason: "it cannot be read")
      }
      let lines = String(decoding: bytes, as: UTF8.self)
        .split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false)
      let (list, sealing) = ("\(kind.remark) pictures: ", "\(kind.remark) seal: ")
      guard lines.count == 4, lines[0].hasPrefix(kind.title(name)), lines[1].hasPrefix(list),
        lines[2].hasPrefix(sealing)
      else { throw PlottingError.notOurs(file: path, reason: "the workbench did not make it") }
      guard lines[2].dropFirst(sealing.count) == seal("\(lines[0])\n\(lines[1])\n\(lines[3])") else {
        throw PlottingError.notOurs(file: path, reason: "it was changed since the workbench made it")
      }
      return lines[1].dropFirst(list.count).split(separator: " ").map(String.init)
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
