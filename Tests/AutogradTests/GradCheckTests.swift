import Autograd
import Foundation
import Testing

/// x ↦ W·(x ⊙ x), with a derivative that a mistake can be put into.
private struct Suspect: Function {
  enum Mistake: String, CaseIterable {
    case scaled, transposed, wrongSign, missingTerm, missingSum, constantOff
  }
  var mistake: Mistake?

  func forward(_ context: FunctionContext, _ inputs: [Tensor]) throws(ArrayError) -> [Tensor] {
    context.saveForBackward(inputs[0], inputs[1])
    return [inputs[0].matmul(inputs[1] * inputs[1])]
  }
  func backward(_ context: FunctionContext, _ gradOutputs: [Tensor?]) throws(ArrayError) -> [Tensor?] {
    let saved = try context.savedTensors
    let (w, x, g) = (saved[0]!, saved[1]!, gradOutputs[0]!)
    let forX = (mistake == .transposed ? w : w.t()).matmul(g) * x * 2
    let forW = g.unsqueeze(1) * (x * x).unsqueeze(0)
    switch mistake {
    case .scaled: return [forW, forX * 1.002]
    case .wrongSign: return [-forW, forX]
    case .missingTerm: return [forW, nil]
    case .missingSum: return [forW[0].unsqueeze(0) * Tensor.ones(like: w), forX]
    case .constantOff: return [forW + 1e-4, forX]
    case .transposed, nil: return [forW, forX]
    }
  }
}

@Suite struct GradCheckTests {
  private let w = leaf([1, 2, -3, 0.5], [2, 2])
  private let x = leaf([0.7, -1.3])

  @Test func `a right rule passes, in the first and second derivative`() throws {
    let check = try gradcheck({ (xs) throws(ArrayError) in try Suspect().applied(to: xs) }, [w, x])
    #expect(check.passes, "\(check)")
    #expect(check.entryCount == 2 * (4 + 2) && check.failureCount == 0)
    let second = try gradgradcheck({ (xs) throws(ArrayError) in try Suspect().applied(to: xs) }, [w, x])
    #expect(second.passes, "\(second)")
  }

  @Test(arguments: ["scaled", "transposed", "wrongSign", "missingTerm", "missingSum", "constantOff"])
  func `a wrong rule is rejected`(_ name: String) throws {
    let suspect = Suspect(mistake: Suspect.Mistake(rawValue: name))
    #expect(suspect.mistake != nil)
    let check = try gradcheck({ (xs) throws(ArrayError) in try suspect.applied(to: xs) }, [w, x])
    #expect(!check.passes)
    #expect(check.failureCount > 0)
    #expect(check.description.contains("Jacobian mismatch in \(check.failureCount) of 12 entries"))
  }

  @Test func `the worst entry is named with both numbers`() throws {
    let check = try gradcheck(
      { (xs) throws(ArrayError) in try Suspect(mistake: .wrongSign).applied(to: xs) }, [w, x])
    let worst = try #require(check.worst)
    // ∂y₀/∂w₀₁ = x₁² = 1.69 is the largest, for both rows alike; the first of equals is told.
    #expect(worst.input.position == 0 && worst.input.element % 2 == 1)
    #expect(abs(worst.analytical + 1.69) < 1e-12 && abs(worst.numerical - 1.69) < 1e-6)
    #expect(worst.excess > 1000)
    #expect(check.description.contains("input 0"))
  }

  @Test func `a wrong second derivative is rejected though the first is right`() throws {
    struct Halved: Function {
      func forward(_ context: FunctionContext, _ inputs: [Tensor]) throws(ArrayError) -> [Tensor] {
        context.saveForBackward(inputs[0])
        return [inputs[0].pow(3)]
      }
      func backward(_ context: FunctionContext, _ gradOutputs: [Tensor?]) throws(ArrayError) -> [Tensor?] {
        let x = try context.savedTensors[0]!
        return [gradOutputs[0]! * 3 * x * x.detach()]
      }
    }
    let f: TensorFunction = { xs throws(ArrayError) in try Halved().applied(to: xs) }
    #expect(try gradcheck(f, [x]).passes)
    #expect(try !gradgradcheck(f, [x]).passes)
  }

  @Test func `NaN never passes`() throws {
    struct NotANumber: Function {
      func forward(_ context: FunctionContext, _ inputs: [Tensor]) throws(ArrayError) -> [Tensor] {
        [inputs[0] * 1]
      }
      func backward(_ context: FunctionContext, _ gradOutputs: [Tensor?]) throws(ArrayError) -> [Tensor?] {
        [gradOutputs[0]! * Double.nan]
      }
    }
    #expect(try !gradcheck({ (xs) throws(ArrayError) in try NotANumber().applied(to: xs) }, [x]).passes)
  }

  @Test func `a backward pass that gives another result the second time is rejected`() throws {
    final class Counter: @unchecked Sendable { var count = 0.0 }
    struct Drifting: Function {
      let counter = Counter()
      func forward(_ context: FunctionContext, _ inputs: [Tensor]) throws(ArrayError) -> [Tensor] {
        [inputs[0] * 1]
      }
      func backward(_ context: FunctionContext, _ gradOutputs: [Tensor?]) throws(ArrayError) -> [Tensor?] {
        counter.count += 1e-9
        return [gradOutputs[0]! * (1 + counter.count)]
      }
    }
    let drifting = Drifting()
    let check = try gradcheck({ (xs) throws(ArrayError) in try drifting.applied(to: xs) }, [x])
    #expect(!check.passes && check.description.contains("not reentrant"))
  }

  @Test func `only inputs that require a gradient are checked, and there must be one`() throws {
    let fixed = tensor([2.0, 3.0], dtype: .float64)
    let f: TensorFunction = { xs throws(ArrayError) in [xs[0] * xs[1].detach()] }
    #expect(try gradcheck(f, [x, fixed]).entryCount == 4)
    #expect(
      message { () throws(ArrayError) in _ = try gradcheck(f, [fixed, fixed]) }?
        .contains("expects at least one input tensor to require gradient") == true)
    #expect(values(x) == [0.7, -1.3])
  }

  /// Rules that are not tried elsewhere in this target, each where it is smooth.
  @Test(arguments: [
    "exp", "log", "sqrt", "sin", "tanh", "sigmoid", "reciprocal", "square", "cumprod", "prod", "softmax",
    "logsumexp",
  ])
  func `library rules pass in both derivatives`(_ name: String) throws {
    let x = leaf([0.5, 1.25, 2, 0.75])
    let dims: [String: Attribute] =
      ["cumprod", "softmax", "logsumexp"].contains(name) ? ["dim": .int(0)] : [:]
    let f: TensorFunction = { xs throws(ArrayError) in
      try OperationTable.call(name, xs, dims) { Tensor($0) }
    }
    let (first, second) = (try gradcheck(f, [x]), try gradgradcheck(f, [x]))
    #expect(first.passes, "\(first)")
    #expect(second.passes, "\(second)")
  }
}
