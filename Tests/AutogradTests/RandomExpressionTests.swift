import Autograd
import Testing

/// Expressions grown at random. An operand that nobody else holds may be written over by its result, and a gradient by the rule it is
/// handed to; neither may be seen in any number.
@Suite struct `Random expressions` {
  /// An expression over leaves.
  private indirect enum Expression {
    case leaf(Int)
    case unary(Int, Expression)
    case withNumber(Int, Expression)
    case binary(Int, Expression, Expression)
    case hidden(Expression)
  }

  /// The generator of Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
  private struct SplitMix {
    var state: UInt64
    mutating func pick(_ count: Int) -> Int {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return Int((z ^ (z >> 31)) % UInt64(count))
    }

    mutating func expression(_ leaves: Int, depth: Int) -> Expression {
      if depth == 0 { return .leaf(pick(leaves)) }
      switch pick(10) {
      case 0: return .leaf(pick(leaves))
      case 1, 2: return .unary(pick(9), expression(leaves, depth: depth - 1))
      case 3, 4: return .withNumber(pick(7), expression(leaves, depth: depth - 1))
      case 5 where depth > 1: return .hidden(expression(leaves, depth: depth - 1))
      default:
        return .binary(
          pick(6), expression(leaves, depth: depth - 1), expression(leaves, depth: depth - 1))
      }
    }
  }

  /// One way to calculate: every operand a temporary, or every operand held by somebody else.
  private final class Evaluation {
    let leaves: [Tensor]
    let holds: Bool
    private var held: [Tensor] = []
    init(_ leaves: [Tensor], holds: Bool) { (self.leaves, self.holds) = (leaves, holds) }

    func value(_ expression: Expression) -> Tensor {
      if !holds { return calculated(expression) }
      held.append(calculated(expression))
      return held[held.count - 1]
    }

    private func calculated(_ expression: Expression) -> Tensor {
      switch expression {
      case .leaf(let index): return leaves[index]
      case .hidden(let inner): return noGrad { value(inner) }
      case .unary(let choice, let inner):
        switch choice {
        case 0: return -value(inner)
        case 1: return value(inner).pow(2)
        case 2: return value(inner).square()
        case 3: return value(inner).tanh()
        case 4: return value(inner).relu()
        case 5: return value(inner).t()
        case 6: return value(inner).detach()
        case 7: return value(inner).sigmoid()
        default: return value(inner).reshape(-1).view(3, 3)
        }
      case .withNumber(let choice, let inner):
        switch choice {
        case 0: return value(inner) * 0.75
        case 1: return 1.5 - value(inner)
        case 2: return value(inner) + 0.25
        case 3: return value(inner) / 1.25
        case 4: return value(inner) - 2
        case 5: return 0.5 / (value(inner).square() + 1)
        default: return -2 * value(inner)
        }
      case .binary(let choice, let left, let right):
        switch choice {
        case 0: return value(left) + value(right)
        case 1: return value(left) - value(right)
        case 2: return value(left) * value(right)
        case 3: return value(left) / (value(right).square() + 1)
        case 4: return value(left) + value(right).sum(0, keepDim: true)
        default: return value(left).mm(value(right))
        }
      }
    }
  }

  private func bits(_ x: Tensor?) -> [UInt64]? { x?.toArray(of: Double.self).map(\.bitPattern) }

  @Test(arguments: 0..<8) func `come out the same whether their operands are temporaries or held`(
    block: Int
  ) {
    for seed in block * 100..<(block + 1) * 100 {
      var random = SplitMix(state: UInt64(seed))
      func leaf(_ shape: Shape, _ dtype: DType, _ requiresGrad: Bool) -> Tensor {
        let values = (0..<shape.elementCount).map { _ in Double(random.pick(4001) - 2000) / 1024 }
        return tensor(values, shape: shape, dtype: dtype, requiresGrad: requiresGrad)
      }
      let other: DType = random.pick(4) == 0 ? .float32 : .float64
      let leaves = [
        leaf([3, 3], .float64, true), leaf([3, 3], other, random.pick(2) == 0),
        leaf([3, 3], .float64, false), leaf([3, 3], .float64, random.pick(2) == 0),
      ]
      let before = leaves.map(bits)
      // float32 and float64 do not multiply as matrices, as in PyTorch: the whole is converted first.
      let converted = leaves.map { $0.dtype == .float64 ? $0 : $0.to(.float64) }
      let expression = random.expression(leaves.count, depth: 6)
      let learned = leaves.filter(\.requiresGrad)
      func outcome(holds: Bool, createGraph: Bool) -> [[UInt64]?] {
        let evaluation = Evaluation(other == .float64 ? leaves : converted, holds: holds)
        let result = (evaluation.value(expression) + leaves[0]).square().mean()
        let gradients = grad(
          outputs: [result], inputs: learned, retainGraph: true, createGraph: createGraph, allowUnused: true)
        return [bits(result)] + gradients.map(bits)
      }
      let wanted = outcome(holds: true, createGraph: true)
      #expect(outcome(holds: false, createGraph: true) == wanted, "seed \(seed)")
      #expect(outcome(holds: true, createGraph: false) == wanted, "seed \(seed)")
      #expect(outcome(holds: false, createGraph: false) == wanted, "seed \(seed)")
      #expect(leaves.map(bits) == before, "seed \(seed)")
    }
  }
}
