import Foundation
import Plotting

/// gnuplot, its terminals, gnuplot-iostream, and a font for Chinese.
enum DoctorPlotting {
  /// The program that the environment variable `GNUPLOT` names instead of gnuplot.
  private static let named = ProcessInfo.processInfo.environment["GNUPLOT"].flatMap { $0.isEmpty ? nil : $0 }
  private static let gnuplotMend = named == nil ? DoctorProbe.install("gnuplot-nox") : "unset GNUPLOT"
  private static let fontMend = DoctorProbe.install("fontconfig", "fonts-wqy-microhei")

  /// The terminals the figures are drawn with, and what each is for.
  private static let terminals = ["svg", "pngcairo", "pdfcairo", "dumb"]

  /// Starts gnuplot and lets it draw a parabola to each terminal, by commands on its command line.
  static func gnuplot() async -> [Diagnosis] {
    let program = named ?? "gnuplot"
    guard let answer = await DoctorProbe.run(program, ["--version"]), answer.succeeded else {
      return [.missing("gnuplot", trial: "\(program) does not start", mend: gnuplotMend)]
    }
    let words = answer.output.split(whereSeparator: \.isWhitespace)
    let version =
      words.count >= 4 && words[0] == "gnuplot" ? "\(words[1]).\(words[3])" : answer.firstLine ?? "unknown"
    let diagnosis: Diagnosis
    do {
      diagnosis = try await DoctorProbe.withFolder { folder in
        var failures = [String]()
        for terminal in terminals {
          let picture = folder.appending(path: "trial-\(terminal)").path(percentEncoded: false)
          let commands = "set terminal \(terminal); set output '\(picture)'; plot x**2; set output"
          let drawn = await DoctorProbe.run(program, ["-d", "-e", commands])
          let size = (try? FileManager.default.attributesOfItem(atPath: picture)[.size] as? Int) ?? 0
          if drawn?.succeeded != true || size == 0 { failures.append(terminal) }
        }
        guard failures.isEmpty else {
          return .fails(
            "gnuplot", version: version, trial: "cannot draw with \(failures.joined(separator: ", "))",
            mend: gnuplotMend)
        }
        return .works("gnuplot", version: version, trial: "drew with \(terminals.joined(separator: ", "))")
      }
    } catch {
      diagnosis = .fails(
        "gnuplot", version: version, trial: "no place for a trial: \(error.localizedDescription)", mend: nil)
    }
    return [diagnosis]
  }

  /// Draws a figure as the workbench does, through gnuplot-iostream.
  static func stream() async -> [Diagnosis] {
    let part = "gnuplot-iostream"
    // Debian's version names a commit and its own changes, too; the date before them says which it is.
    let whole = await DoctorProbe.packageVersion("libgnuplot-iostream-dev")
    let version = whole.map { String($0.prefix { $0 != "." }) }
    do {
      let time = try await DoctorProbe.withFolder { folder in
        let start = ContinuousClock.now
        let renderer = FigureRenderer()
        _ = try renderer.render(parabola(title: "y = 3x² + 2"), as: FigureFormat.allCases, into: folder)
        _ = try renderer.textPlot(parabola(title: "y = 3x² + 2"))
        renderer.close()
        return ContinuousClock.now - start
      }
      return [
        .works(part, version: version, trial: "drew a figure as SVG, PNG, PDF and text in \(time.brief)")
      ]
    } catch PlottingError.gnuplotNotFound {
      return [
        .fails(part, version: version, trial: "there is no gnuplot for it to draw with", mend: gnuplotMend)
      ]
    } catch {
      return [.fails(part, version: version, trial: "\(error)", mend: gnuplotMend)]
    }
  }

  /// Draws Chinese text as PNG, which needs a font that has the characters.
  static func chineseFont() async -> [Diagnosis] {
    let part = "font with Chinese"
    let families = Fonts.chineseFamilies()
    guard let first = families.first else {
      return [.missing(part, trial: "fontconfig knows no font with Chinese characters", mend: fontMend)]
    }
    do {
      try await DoctorProbe.withFolder { folder in
        _ = try FigureRenderer().render(parabola(title: "最小二乘拟合"), as: [.png], into: folder)
      }
      return [.works(part, version: first, trial: "drew 最小二乘拟合 as PNG")]
    } catch PlottingError.gnuplotNotFound {
      return [.fails(part, version: first, trial: "there is no gnuplot to draw with", mend: gnuplotMend)]
    } catch {
      return [.fails(part, version: first, trial: "\(error)", mend: fontMend)]
    }
  }

  private static func parabola(title: Label) -> Figure {
    let x = stride(from: -1.0, through: 1.0, by: 0.1).map { $0 }
    return Figure(
      name: "trial", title: title, x: Axis("x"), y: Axis("y"),
      series: [Series(nil, .line(x: x, y: x.map { 3 * $0 * $0 + 2 }), style: SeriesStyle(.result))])
  }
}
