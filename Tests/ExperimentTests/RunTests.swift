import Testing

@testable import Experiment

@Suite struct `A run` {
  private let problem = try! Problem(x: [0, 1], y: [2, 5], w0: 1, b0: 2, learningRate: 0.1, steps: 5)

  @Test func `Hands out every step once and takes each down`() {
    let run = Run(recording: problem)
    var numbers = [Int]()
    for number in run.steps {
      numbers.append(number)
      run.record(loss: Double(number), dw: 2, db: 3, w: 4, b: 5)
    }
    #expect(numbers == [1, 2, 3, 4, 5])
    #expect(run.recorded.map(\.loss) == [1, 2, 3, 4, 5])
    #expect(run.recorded[0] == Step(loss: 1, dw: 2, db: 3, w: 4, b: 5))
    #expect(run.microsecondsPerStep == nil)
  }

  @Test func `Ends after the first step that is not finite, and keeps it`() {
    let run = Run(recording: problem)
    for number in run.steps { run.record(loss: number == 3 ? Double.nan : 1, dw: 0, db: 0, w: 0, b: 0) }
    #expect(run.recorded.count == 3)
    #expect(run.recorded[2].loss.isNaN)
  }

  @Test func `Float32 is taken down as it is`() {
    let run = Run(recording: problem)
    for _ in run.steps { run.record(loss: Float(0.1), dw: 0, db: 0, w: 0, b: 0) }
    #expect(run.recorded[0].loss == Double(Float(0.1)))
  }

  @Test func `Against the clock it evaluates nothing that would be recorded`() throws {
    let run = Run(timing: problem, budget: .milliseconds(5))
    var (steps, evaluations) = (0, 0)
    func evaluate() -> Double {
      evaluations += 1
      return 0
    }
    for _ in run.steps {
      steps += 1
      run.record(loss: evaluate(), dw: evaluate(), db: evaluate(), w: evaluate(), b: evaluate())
    }
    #expect(steps > problem.steps)
    #expect(evaluations == 0)
    #expect(run.recorded.isEmpty)
    #expect(try #require(run.microsecondsPerStep) > 0)
  }
}
