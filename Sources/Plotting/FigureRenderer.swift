import Foundation

/// Draws figures by gnuplot, all with one running process.
///
/// Not for use from several threads at once; each thread can have a renderer of its own.
public final class FigureRenderer {
  /// A figure that was drawn.
  public struct Rendered: Sendable, Equatable {
    /// The script, the data file, then the pictures.
    public var files: [URL]
    /// What gnuplot remarked on, one message each; usually empty.
    public var warnings: [String]
  }

  /// What a gnuplot is and can draw to.
  public struct Description: Sendable, Equatable {
    /// For example `5.4.4`: version and patch level.
    public var version: String
    /// The names of its terminals, as `pngcairo`.
    public var terminals: [String]
  }

  /// The looks of what is drawn.
  public let theme: Theme
  private let session: GnuplotSession
  private let hasChineseFont: () -> Bool

  /// A renderer that starts `program`: a path, or a name looked up in PATH; nil: what the environment variable
  /// `GNUPLOT` names, else `gnuplot`. No drawing may take longer than `timeLimit`.
  public convenience init(
    theme: Theme = .standard, program: String? = nil, timeLimit: Duration = .seconds(30)
  ) {
    self.init(
      theme: theme, program: program, timeLimit: timeLimit,
      hasChineseFont: { !Fonts.chineseFamilies().isEmpty })
  }

  init(theme: Theme, program: String?, timeLimit: Duration, hasChineseFont: @escaping () -> Bool) {
    self.theme = theme
    self.hasChineseFont = hasChineseFont
    let named = ProcessInfo.processInfo.environment["GNUPLOT"].flatMap { $0.isEmpty ? nil : $0 }
    session = GnuplotSession(program: program ?? named ?? "gnuplot", timeLimit: timeLimit)
  }

  /// Draws `figure` as `name.svg`, `name.png` or `name.pdf` in `folder`, beside `name.gp` and `name.dat`, from which
  /// `gnuplot name.gp` draws it again. The folder is made when it is missing.
  ///
  /// The files appear together once everything is drawn and checked; on failure none does. Files that the workbench did not
  /// make, or that were changed since, are never replaced. A figure's pictures that are already in the folder are
  /// drawn anew too.
  ///
  /// Throws `PlottingError`.
  public func render(_ figure: Figure, as formats: [FigureFormat] = [.svg], into folder: URL) throws
    -> Rendered
  {
    try check(figure)
    let files = FigureFiles(folder: folder.absoluteURL, name: figure.name)
    let formats = try files.picturesToDraw(formats.map(\.rawValue)).compactMap(FigureFormat.init)
    let pictures = formats.map(\.rawValue)
    guard !formats.isEmpty else {
      throw PlottingError.invalidFigure(name: figure.name, reason: "no picture format was asked for")
    }
    if formats != [.svg] { try checkFonts(figure) }
    let numbers = try DataFile(figure).text

    return try Workshop.use(in: files.folder) { workshop in
      let script = GnuplotScript(
        figure: figure, theme: theme, medium: .pictures(formats), dataFile: "\(figure.name).dat")
      let here = FigureFiles(folder: workshop, name: figure.name)
      try Workshop.write(
        here.sealed(script.text, pictures: pictures), to: here.file("gp"))
      try Workshop.write(
        here.sealed(numbers, pictures: pictures), to: here.file("dat"))
      let messages = try draw(figure, in: workshop)
      for format in formats {
        let bytes = (try? Data(contentsOf: here.file(format.rawValue))).map { [UInt8]($0) } ?? []
        if let fault = format.fault(in: bytes) {
          throw PlottingError.noPicture(file: here.file(format.rawValue).lastPathComponent, reason: fault)
        }
      }
      return Rendered(files: try files.moveIn(from: workshop, pictures: pictures), warnings: messages)
    }
  }

  /// The figure as a plot of characters for a terminal: `rows` lines of at most `columns` characters, no control
  /// sequences. Throws `PlottingError`.
  public func textPlot(_ figure: Figure, columns: Int = 100, rows: Int = 32) throws -> String {
    try check(figure)
    guard columns >= 40, rows >= 12 else {
      throw PlottingError.invalidFigure(
        name: figure.name,
        reason: "a text plot needs at least 40 columns and 12 rows, not \(columns) × \(rows)")
    }
    let numbers = try DataFile(figure).text
    return try Workshop.use(in: FileManager.default.temporaryDirectory) { workshop in
      let script = GnuplotScript(
        figure: figure, theme: theme, medium: .text(columns: columns, rows: rows, file: "plot.txt"),
        dataFile: "\(figure.name).dat")
      let here = FigureFiles(folder: workshop, name: figure.name)
      try Workshop.write(script.text, to: here.file("gp"))
      try Workshop.write(numbers, to: here.file("dat"))
      _ = try draw(figure, in: workshop)
      let plot = (try? Data(contentsOf: workshop.appending(path: "plot.txt"))) ?? Data()
      // gnuplot begins a page with a form feed and pads every line.
      let lines = String(decoding: plot, as: UTF8.self)
        .replacing("\u{0C}", with: "")
        .split(separator: "\n", omittingEmptySubsequences: false)
        .map { String($0.reversed().drop { $0 == " " }.reversed()) }
      guard lines.contains(where: { !$0.isEmpty }) else {
        throw PlottingError.noPicture(file: "the text plot of '\(figure.name)'", reason: "is empty")
      }
      return lines.drop(while: \.isEmpty).reversed().drop(while: \.isEmpty).reversed().joined(separator: "\n")
        + "\n"
    }
  }

  /// Asks gnuplot what it is. Throws `PlottingError`.
  public func describe() throws -> Description {
    let answer = try session.run(
      "print GPVAL_VERSION, '.', GPVAL_PATCHLEVEL\nprint GPVAL_TERMINALS\n", drawing: "version")
    let lines = GnuplotSession.lines(of: answer)
    guard lines.count >= 2 else {
      throw PlottingError.gnuplotRefused(
        drawing: "version", message: "it does not answer as gnuplot does: \(lines.joined(separator: "; "))")
    }
    return Description(
      version: lines[0].replacing(" ", with: ""), terminals: lines[1].split(separator: " ").map(String.init))
  }

  /// Ends gnuplot; the next drawing starts it again. Happens by itself when the renderer is released.
  public func close() { session.close() }

  // MARK: Steps

  /// gnuplot runs the very script that stays beside the pictures.
  private func draw(_ figure: Figure, in workshop: URL) throws -> [String] {
    let folder = GnuplotText.quoted(workshop.path(percentEncoded: false))
    let script = GnuplotText.quoted("\(figure.name).gp")
    let messages = try session.run(
      "cd \(folder)\nload \(script)\nunset output\ncd '/'\n", drawing: figure.name)
    // The same remark comes once per format. That one value has no range, gnuplot mends by itself.
    return GnuplotSession.lines(of: messages).reduce(into: []) { remarks, line in
      if !remarks.contains(line), !line.hasPrefix("Warning: empty") { remarks.append(line) }
    }
  }

  private func check(_ figure: Figure) throws {
    let allowed = figure.name.unicodeScalars.allSatisfy {
      $0.isASCII
        && ($0.properties.isAlphabetic || $0.properties.numericType != nil
          || "-_.".unicodeScalars.contains($0))
    }
    guard !figure.name.isEmpty, !figure.name.hasPrefix("."), figure.name.utf8.count <= 200, allowed else {
      throw PlottingError.invalidFigure(
        name: figure.name,
        reason: "its name must be made of letters, digits, '-', '_' and '.', not beginning with '.'")
    }
    for (name, axis) in [("x", figure.x), ("y", figure.y), ("color", figure.color)] {
      guard let range = axis.range else { continue }
      guard range.lowerBound.isFinite, range.upperBound.isFinite, range.lowerBound < range.upperBound,
        axis.scale == .linear || range.lowerBound > 0
      else {
        throw PlottingError.invalidFigure(
          name: figure.name, reason: "the \(name) axis cannot show the range \(range)")
      }
    }
  }

  private func checkFonts(_ figure: Figure) throws {
    guard let text = figure.texts.first(where: Fonts.needsChinese), !hasChineseFont() else { return }
    throw PlottingError.fontMissing(figure: figure.name, text: text)
  }
}

/// A folder beside the results in which they are made.
package enum Workshop {
  /// Runs `body` with a new folder inside `folder` and removes it afterwards, whatever happens; removes `folder` too when
  /// it was made here and stayed empty.
  package static func use<Result>(in folder: URL, _ body: (URL) throws -> Result) throws -> Result {
    let path = folder.path(percentEncoded: false)
    guard !path.contains("\n") else {
      throw PlottingError.fileSystem(
        path: path, reason: "gnuplot cannot use a folder with a line feed in its name")
    }
    let manager = FileManager.default
    let isNew = !manager.fileExists(atPath: path)
    do {
      try manager.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw PlottingError.fileSystem(path: path, reason: "cannot make the folder (\(reason(of: error)))")
    }
    defer { if isNew { rmdir(path) } }

    var template = Array((folder.appending(path: ".drawing-XXXXXX").path(percentEncoded: false)).utf8CString)
    guard mkdtemp(&template) != nil else {
      throw PlottingError.fileSystem(path: path, reason: String(cString: strerror(errno)))
    }
    let workshop = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    UnfinishedWork.add(folder: workshop)
    defer {
      try? manager.removeItem(atPath: workshop)
      UnfinishedWork.remove(folder: workshop)
    }
    return try body(URL(filePath: workshop, directoryHint: .isDirectory))
  }

  /// Writes a file. Throws `PlottingError.fileSystem`.
  package static func write(_ text: String, to file: URL) throws {
    do {
      try Data(text.utf8).write(to: file)
    } catch {
      throw PlottingError.fileSystem(path: file.path(percentEncoded: false), reason: reason(of: error))
    }
  }

  /// The system's word for a failure, without Foundation's wrapping.
  private static func reason(of error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
    return underlying.domain == NSPOSIXErrorDomain
      ? String(cString: strerror(CInt(underlying.code))) : "\(error)"
  }
}
