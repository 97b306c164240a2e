/// The numbers of a figure as gnuplot reads them: one block per series, each with a comment that names its columns.
/// gnuplot calls the blocks `index 0`, `index 1`, …
struct DataFile {
  /// The text of the file, without the heading that names its maker.
  let text: String

  /// Throws `PlottingError.invalidFigure` for columns of unequal length, uneven grids, or when nothing could be seen.
  init(_ figure: Figure) throws {
    var blocks: [String] = []
    var visible = false
    for (index, series) in figure.series.enumerated() {
      let name = series.title.map(\.plain) ?? "no title"
      let oneLine = name.split(whereSeparator: \.isNewline).joined(separator: " ")
      var block = "# index \(index): \(oneLine)\n"
      switch series.shape {
      case .line(let x, let y, .rows(let rows)):
        visible = try Self.check(figure, index, [x, y]) || visible
        var marks = [Double](repeating: .nan, count: y.count)
        for row in rows where y.indices.contains(row) { marks[row] = y[row] }
        block += Self.columns(["x", "y", "y where marked"], [x, y, marks])
      case .points(let x, let y), .line(let x, let y, _), .steps(let x, let y):
        visible = try Self.check(figure, index, [x, y]) || visible
        block += Self.columns(["x", "y"], [x, y])
      case .band(let x, let lower, let upper):
        visible = try Self.check(figure, index, [x, lower, upper]) || visible
        block += Self.columns(["x", "lower", "upper"], [x, lower, upper])
      case .surface(let surface):
        try Self.check(figure, index, surface)
        visible = true
        block += Self.grid(surface)
      }
      blocks.append(block)
    }
    guard visible else {
      throw PlottingError.invalidFigure(
        name: figure.name,
        reason:
          "no series has a point that can be seen (empty, not finite, or not positive on a logarithmic axis)")
    }
    text = blocks.joined(separator: "\n\n")
  }

  /// A number as gnuplot reads it: the shortest decimal that reads back as the same value; `NaN`, a gap, for what is
  /// not finite or beyond what gnuplot can scale.
  static func number(_ value: Double) -> String {
    value.isFinite && value.magnitude < 1e300 ? "\(value)" : "NaN"
  }

  /// Whether a series has a point that can be seen.
  private static func check(_ figure: Figure, _ index: Int, _ columns: [[Double]]) throws -> Bool {
    let lengths = columns.map(\.count)
    guard Set(lengths).count == 1 else {
      throw PlottingError.invalidFigure(
        name: figure.name, reason: "the columns of series \(index) have lengths \(lengths), all must be equal"
      )
    }
    return (0..<lengths[0]).contains { row in
      drawable(columns[0][row], on: figure.x)
        && columns.dropFirst().allSatisfy { drawable($0[row], on: figure.y) }
    }
  }

  private static func check(_ figure: Figure, _ index: Int, _ surface: Surface) throws {
    func fail(_ reason: String) -> PlottingError {
      .invalidFigure(name: figure.name, reason: "the surface of series \(index) \(reason)")
    }
    for (axis, places) in [("x", surface.x), ("y", surface.y)] {
      guard places.count >= 2, let first = places.first, let last = places.last, last > first,
        (last - first).isFinite
      else { throw fail("needs at least two ascending values of \(axis)") }
      let step = (last - first) / Double(places.count - 1)
      let even = places.enumerated().allSatisfy {
        abs($1 - (first + Double($0) * step)) <= 1e-6 * (last - first)
      }
      guard even else { throw fail("needs evenly spaced values of \(axis)") }
    }
    guard surface.values.count == surface.y.count, surface.values.allSatisfy({ $0.count == surface.x.count })
    else {
      throw fail("needs \(surface.y.count) rows of \(surface.x.count) values")
    }
    guard surface.values.contains(where: { $0.contains { drawable($0, on: figure.color) } }) else {
      throw fail("has no value that can be seen")
    }
  }

  private static func drawable(_ value: Double, on axis: Axis) -> Bool {
    number(value) != "NaN" && (axis.scale == .linear || value > 0)
  }

  private static func columns(_ names: [String], _ columns: [[Double]]) -> String {
    var text = "# " + names.joined(separator: "\t") + "\n"
    for row in columns[0].indices {
      text += columns.map { number($0[row]) }.joined(separator: "\t") + "\n"
    }
    return text
  }

  /// gnuplot's `nonuniform matrix`: the number of columns and their x, then a row per y.
  private static func grid(_ surface: Surface) -> String {
    var text = "# first row: columns and their x; then per row its y and the values\n"
    text += ([String(surface.x.count)] + surface.x.map(number)).joined(separator: " ") + "\n"
    for (y, row) in zip(surface.y, surface.values) {
      text += ([number(y)] + row.map(number)).joined(separator: " ") + "\n"
    }
    return text
  }
}
