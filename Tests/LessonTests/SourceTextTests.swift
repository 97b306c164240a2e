import Testing

@testable import Lessons

@Suite struct `Code quoted from a lesson's source` {
  let text = SourceText(
    """
    struct Part {
      func play() {
        say("one (")
        let x = tensor([1, 2])

        // A comment (with a parenthesis.
        let z = show(x.add(f(")", "\\"(")))
        show(
          x.view(2, 1)
            .t())
        for _ in 0..<2 { show(x) }
      }
    }
    """)

  @Test func `A call is the whole statement without the call around its argument`() {
    let call = text.call("show", line: 7)
    #expect(call.statement == #"let z = x.add(f(")", "\"("))"#)
    #expect(call.name == "z")
    #expect(call.lines == 7...7)
  }

  @Test func `Parentheses in strings do not close a call`() {
    #expect(text.call("say", line: 3).statement == #""one (""#)
  }

  @Test func `A call may have several lines`() {
    let call = text.call("show", line: 8)
    #expect(call.lines == 8...10)
    #expect(call.statement == "x.view(2, 1)\n    .t()")
    #expect(call.name == nil)
  }

  @Test func `A name alone names its value`() {
    #expect(SourceText.name(givenIn: "x") == "x")
    #expect(SourceText.name(givenIn: "var total = x.sum()") == "total")
    #expect(SourceText.name(givenIn: "x.sum()") == nil)
    #expect(SourceText.name(givenIn: "4") == nil)
  }

  @Test func `The lines between two calls are code, without their indentation`() {
    #expect(
      text.code(after: 3, before: 7)
        == "let x = tensor([1, 2])\n\n// A comment (with a parenthesis.")
    #expect(text.code(after: 7, before: 8) == "")
    #expect(text.lineOfBody(above: 3) == 2)
  }
}
