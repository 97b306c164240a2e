import Testing

@testable import Plotting

@Suite("Text for gnuplot")
struct GnuplotTextTests {
  @Test("A quote is joined in, nothing else in plain text changes")
  func plain() {
    #expect(GnuplotText.quoted("it's") == #"'it'."'".'s'"#)
    #expect(GnuplotText.quoted("'") == #""'""#)
    #expect(GnuplotText.quoted("") == "''")
    #expect(GnuplotText.quoted(#"a\nb "c" `d` $e @f"#) == #"'a\nb "c" `d` $e @f'"#)
  }

  @Test("A line feed is joined in, other control characters become spaces")
  func control() {
    #expect(GnuplotText.quoted("a\nb") == "'a'.\"\\n\".'b'")
    #expect(GnuplotText.quoted("a\u{1B}[31mb\tc\rd") == "'a [31mb c d'")
  }

  @Test("Markup characters are literal in enhanced text")
  func enhanced() {
    #expect(GnuplotText.enhanced(#"w_1^2 {x} \ @ & ~"#) == #"'w\_1\^2 \{x\} \\ \@ \& \~'"#)
  }

  @Test("Typefaces become markup around escaped text")
  func faces() {
    let label = Label("loss of ") + .italic("w_b") + .bold("!")
    #expect(GnuplotText.enhanced(label) == #"'loss of {/:Italic w\_b}{/:Bold !}'"#)
    #expect(label.plain == "loss of w_b!")
  }

  @Test(
    "Text that looks like commands reaches the picture as text",
    arguments: [
      "it's", "w_b", "{x}^2", #"back\slash"#, "`touch harm`", "\"; !touch harm", "'; !touch harm #", "<&>",
      "x² ≤ ½",
    ])
  func literalInSVG(_ title: String) throws {
    try withFolder { folder throws in
      var figure = sample()
      figure.title = Label(title)
      figure.series[0].title = Label(title)
      figure.annotations = [.text(Label(title), x: 2, y: 5)]
      _ = try renderer().render(figure, into: folder)
      #expect(try names(in: folder) == ["sample.dat", "sample.gp", "sample.svg"])
      let svg = try text(of: folder.appending(path: "sample.svg"))
      let escaped = title.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      // gnuplot writes a run of text per change of markup; joined they are the text again.
      let shown = svg.split(separator: "<text>").dropFirst().map { element in
        element.prefix(upTo: element.range(of: "</text>")?.lowerBound ?? element.endIndex)
          .replacing(/<[^>]*>/, with: "").replacing("\n", with: "").trimmingPrefix(while: \.isWhitespace)
      }
      #expect(shown.filter { $0.replacing("\t", with: "") == escaped }.count >= 3, "\(shown)")
    }
  }
}
