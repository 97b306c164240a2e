import Testing

@testable import Plotting

@Suite("The data file")
struct DataFileTests {
  @Test("Numbers read back as the same value; what is not finite is a gap")
  func numbers() {
    for value in [0.1, -1.0 / 3, .leastNonzeroMagnitude, 1e22, 2.989276194731742, -0.0] {
      #expect(Double(DataFile.number(value))?.bitPattern == value.bitPattern)
    }
    for value in [Double.nan, .infinity, -.infinity, 1e305] { #expect(DataFile.number(value) == "NaN") }
  }

  @Test("Each series is a block that names itself and its columns")
  func blocks() throws {
    var figure = sample()
    figure.series.append(Series("a\nband", .band(x: [0, 1], lower: [1, 2], upper: [3, .infinity])))
    figure.series.append(Series(nil, .line(x: [0, 1], y: [5, 6], markers: .rows([1, 7]))))
    #expect(
      try DataFile(figure).text == """
        # index 0: squares
        # x\ty
        1.0\t1.0
        2.0\t4.0
        3.0\t9.0


        # index 1: a band
        # x\tlower\tupper
        0.0\t1.0\t3.0
        1.0\t2.0\tNaN


        # index 2: no title
        # x\ty\ty where marked
        0.0\t5.0\tNaN
        1.0\t6.0\t6.0

        """)
  }

  @Test("A grid has its x in the first row and its y in the first column")
  func grid() throws {
    let surface = Surface(x: [0, 1], y: [2, 3], values: [[4, 5], [6, .nan]], levels: [])
    let text = try DataFile(Figure(name: "s", title: "s", series: [Series(nil, .surface(surface))])).text
    #expect(
      text.split(separator: "\n").filter { !$0.hasPrefix("#") } == [
        "2 0.0 1.0", "2.0 4.0 5.0", "3.0 6.0 NaN",
      ])
  }

  @Test(
    "A figure without a visible point is refused, and named",
    arguments: [
      Series.Shape.points(x: [], y: []),
      .points(x: [1, 2], y: [.nan, .infinity]),
      .line(x: [.nan], y: [1]),
      .steps(x: [1, 2], y: [0, -1]),
    ])
  func nothingVisible(_ shape: Series.Shape) {
    let figure = Figure(
      name: "empty-one", title: "", y: Axis(scale: .logarithmic), series: [Series("s", shape)])
    #expect {
      try DataFile(figure)
    } throws: { error in
      "\(error)".contains("'empty-one'") && "\(error)".contains("no series has a point that can be seen")
    }
  }

  @Test("Columns of unequal length and uneven grids are refused with what was given")
  func malformed() {
    func message(_ shape: Series.Shape) -> String {
      let figure = Figure(name: "f", title: "", series: [Series(nil, shape)])
      do { return try DataFile(figure).text } catch { return "\(error)" }
    }
    #expect(message(.points(x: [1, 2], y: [1])).contains("lengths [2, 1]"))
    #expect(message(.band(x: [1], lower: [1, 2], upper: [1])).contains("lengths [1, 2, 1]"))
    func surface(_ x: [Double], _ y: [Double], _ values: [[Double]]) -> Series.Shape {
      .surface(Surface(x: x, y: y, values: values, levels: []))
    }
    #expect(message(surface([0], [0, 1], [[1], [1]])).contains("at least two ascending values of x"))
    #expect(
      message(surface([0, 1], [1, 0], [[1, 1], [1, 1]])).contains("at least two ascending values of y"))
    #expect(
      message(surface([0, 1, 5], [0, 1], [[1, 1, 1], [1, 1, 1]])).contains("evenly spaced values of x"))
    #expect(message(surface([0, 1], [0, 1], [[1, 1]])).contains("2 rows of 2 values"))
    #expect(
      message(surface([0, 1], [0, 1], [[.nan, .nan], [.nan, .nan]])).contains("no value that can be seen"))
  }
}
