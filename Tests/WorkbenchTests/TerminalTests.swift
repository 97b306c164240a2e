import Testing

@testable import workbench

@Suite struct `A table` {
  @Test func `Has columns as wide as their widest field, and a rule`() {
    var table = TextTable([("name", .left), ("n", .right)])
    table.add(["a", "1"])
    table.add(["longer", "1000"])
    #expect(
      table.lines(Style(isOn: false)) == [
        "name       n", "────────────", "a          1", "longer  1000",
      ])
  }

  @Test func `Leaves out columns in which nothing stands`() {
    var table = TextTable([("a", .left), ("b", .left), ("c", .left)])
    table.add(["1", "", "3"])
    #expect(table.lines(Style(isOn: false)) == ["a  c", "────", "1  3"])
  }

  @Test func `Breaks a last column of words so that it ends at column 80`() {
    var table = TextTable([("name", .left), ("words", .left)])
    table.add(["x", String(repeating: "word ", count: 40) + "end"])
    let lines = table.lines(Style(isOn: false))
    #expect(lines.count > 4)
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines[3].hasPrefix("      word"))
    #expect(lines.last?.hasSuffix("end") == true)
  }

  @Test func `Is as straight with colours as without`() {
    func lines(_ style: Style) -> [String] {
      var table = TextTable([("name", .left), ("n", .right)])
      table.add(["red", "1"], paint: style.bad)
      return table.lines(style)
    }
    let coloured = lines(Style(isOn: true))
    #expect(coloured[2].contains("\u{1b}[1;31m"))
    #expect(coloured.map { $0.replacing(/\u{1b}\[[0-9;]*m/, with: "") } == lines(Style(isOn: false)))
  }
}

@Suite struct `Numbers in tables` {
  @Test(arguments: [(1.0, "1 ulp"), (2, "2 ulps"), (0.2, "1 ulp"), (0, "0 ulps"), (2e9, "2e+09 ulps")])
  func `Ulps are whole`(value: Double, text: String) { #expect(Format.ulpCount(value) == text) }

  @Test func `Float32 is printed in its own short decimals`() {
    #expect(Format.exact(Double(Float(0.1)), .float32) == "0.1")
    #expect(Format.exact(Double(Float(0.1)), .float64) == "0.10000000149011612")
    #expect(Format.exact(0.1, .float32) == "0.1", "what is no float32 keeps its digits")
  }
}
