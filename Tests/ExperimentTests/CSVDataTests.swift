import Foundation
import Testing

@testable import Experiment

@Suite struct `CSV data` {
  @Test(arguments: [
    "x,y\n1,2\n-3.5,4e2\n", "x,y\r\n1,2\r\n-3.5,4e2\r\n", "\u{feff}x,y\n1,2\n-3.5,4e2", "y,x\n2,1\n4e2,-3.5",
    "name,x,note,y\na,1,,2\nb,-3.5,\"quoted, with a comma\",4e2\n", " x , y \n 1 ,\t2 \n-3.5,4e2\n",
    "\"x\",\"y\"\n\"1\",\"2\"\n-3.5,4e2\n", "# a comment\n\nx,y\n1,2\n\n# another\n-3.5,4e2\n\n",
    "x,\"a \"\"b\"\"\",y\n1,\"\"\"\",2\n-3.5,,4e2\n",
  ])
  func `Is read in every shape it comes in`(text: String) throws {
    let data = try CSVData(text, source: "d.csv")
    #expect(data.x == [1, -3.5])
    #expect(data.y == [2, 400])
  }

  @Test(arguments: [
    ("", "d.csv: is empty; a header with x and y is needed"),
    ("\n\n# only a comment\n", "d.csv: is empty; a header with x and y is needed"),
    ("x,y\n", "d.csv: has a header and no data"),
    ("a,b\n1,2\n", "d.csv:1: the header must name the columns x and y; it is \"a,b\""),
    ("# c\n1,2\n", "d.csv:2: the header must name the columns x and y; it is \"1,2\""),
    ("x,y\n1,2\n3\n", "d.csv:3: has 1 fields; the header has 2"),
    ("x,y\n1,2\n\n3,4,5\n", "d.csv:4: has 3 fields; the header has 2"),
    ("x,y\n1,two\n", "d.csv:2: y is \"two\"; a number is needed"),
    ("x,y\n,2\n", "d.csv:2: x is \"\"; a number is needed"),
    ("x;y\n1;2\n", "d.csv:1: the header must name the columns x and y; it is \"x;y\""),
    ("x,y\n1,nan\n", "d.csv:2: y is nan; a finite number is needed"),
    ("x,y\n1,2\n-inf,2\n", "d.csv:3: x is -inf; a finite number is needed"),
    ("x,y\n1,1e999\n", "d.csv:2: y is 1e999; a finite number is needed"),
    ("x,y\n1,\"2\n", "d.csv:2: a quote is opened and not closed"),
  ])
  func `What is wrong with it is named with its line`(text: String, message: String) {
    #expect(throws: Failure.badData(message)) { try CSVData(text, source: "d.csv") }
  }

  @Test func `Makes a problem whose start values are the first two numbers of the seed's stream`() throws {
    let file = try TemporaryFile("d.csv", containing: "x,y\n0,2\n1,5\n")
    let problem = try ProblemOptions.parse(["--data", file.path]).problem(defaults: .handGradients)
    #expect(problem.x == [0, 1] && problem.y == [2, 5] && problem.recipe == nil)
    // numpy.random.seed(100); numpy.random.rand(2)
    #expect(problem.w0 == 0.5434049417909654 && problem.b0 == 0.27836938509379616)
    let given = try ProblemOptions.parse(["--data", file.path, "--w0", "1", "--b0", "-1"])
    #expect(try given.problem(defaults: .handGradients).w0 == 1)
    #expect(try given.problem(defaults: .handGradients).b0 == -1)
  }

  @Test(arguments: ["points", "noise", "generator"])
  func `Options that say how to draw data contradict it`(option: String) throws {
    let value = option == "generator" ? "numpy" : "1"
    let options = try ProblemOptions.parse(["--data", "d.csv", "--\(option)", value])
    #expect(
      throws: Failure.usage("--\(option) says how data are drawn and --data brings data; give one of them")
    ) { try options.problem(defaults: .handGradients) }
  }

  @Test func `A file that is not there is bad data`() throws {
    #expect(throws: Failure.badData("/no/d.csv: no such file")) { try CSVData(contentsOf: "/no/d.csv") }
  }
}
