import Testing

@testable import Plotting

@Suite("Text for gnuplot")
struct GnuplotTextTests {
  @Test("Quotes, backslashes and markup are literal")
  func escaping() {
    #expect(GnuplotText.quoted("it's") == "'it''s'")
    #expect(GnuplotText.enhanced("a_b{c}^\\ @&~") == "'a\\_b\\{c\\}\\^\\\\ \\@\\&\\~'")
  }
}
