import Optim
import Testing

/// Expected values: PyTorch 2.15.0, `torch.optim.LBFGS`, float64.
@Suite struct LBFGSTests {
  private func rosenbrock(_ p: Tensor) -> Tensor {
    let (x, y) = (p.select(0, 0), p.select(0, 1))
    return (1 - x).square() + (y - x.square()).square().mul(100)
  }

  /// Three steps from (−1.2, 1): the losses they return and the evaluations so far, then the point.
  private func walk(_ make: ([Tensor]) -> LBFGS, sign: Double = 1) -> (
    losses: [Double], counts: [Int], point: [Double]
  ) {
    let p = leaf(-1.2, 1)
    let optimizer = make([p])
    var (losses, counts): ([Double], [Int]) = ([], [])
    for _ in 0..<3 {
      let loss = optimizer.step {
        optimizer.zeroGrad()
        let loss = rosenbrock(p).mul(sign)
        loss.backward()
        return loss
      }
      losses += values(loss)
      counts.append(optimizer.evaluations)
    }
    return (losses, counts, values(p))
  }

  @Test func `steps of fixed length`() {
    let (losses, counts, point) = walk { LBFGS($0, lr: 0.1, maxIterations: 5) }
    expectClose(losses, [24.199999999999996, 7.112951020506721, 5.2304978915741485], 1e-10)
    #expect(counts == [5, 10, 15])
    expectClose(point, [-1.056352121484141, 1.0611528913110349], 1e-10)
  }

  @Test func `steps that fulfil the strong Wolfe conditions, with a short memory`() {
    let (losses, counts, point) = walk {
      LBFGS($0, maxIterations: 10, historySize: 3, lineSearch: .strongWolfe)
    }
    expectClose(losses, [24.199999999999996, 2.4932330882904994, 0.539352010407976], 1e-9)
    #expect(counts == [12, 24, 36])
    expectClose(point, [0.9036782267296991, 0.8152961125988512], 1e-8)
  }

  @Test func `climbing, with few evaluations`() {
    let (losses, counts, point) = walk(
      {
        LBFGS($0, maxIterations: 8, maxEvaluations: 4, lineSearch: .strongWolfe, maximize: true)
      }, sign: -1)
    expectClose(losses, [-24.199999999999996, -4.125586713674038, -4.084955376327375], 1e-9)
    #expect(counts == [4, 8, 12])
    expectClose(point, [-0.8802131649658734, 0.7274772060719978], 1e-9)
  }

  @Test func `several parameters are one vector`() {
    let a = leaf(1, 2)
    let b = tensor([3.0] as [Double], shape: [1, 1], requiresGrad: true)
    let optimizer = LBFGS([a, b], lr: 0.5, maxIterations: 3)
    for _ in 0..<3 {
      optimizer.step {
        optimizer.zeroGrad()
        let loss = a.pow(4).sum() + (b - 1).square().sum().mul(2) + a.sum() * b.sum()
        loss.backward()
        return loss
      }
    }
    expectClose(values(a) + values(b), [0.07064325062714635, 0.5197408343022716, 1.125314485090076], 1e-10)
  }

  @Test func `a step needs a closure`() {
    let optimizer = LBFGS([leaf(1)])
    #expect(
      message { () throws(ArrayError) in try optimizer.advance() }?
        .contains("missing 1 required positional argument: 'closure'") == true)
  }

  @Test func `at the least point a step returns at once`() {
    let p = leaf(1, 1)
    let optimizer = LBFGS([p])
    optimizer.step {
      optimizer.zeroGrad()
      let loss = rosenbrock(p)
      loss.backward()
      return loss
    }
    #expect(optimizer.evaluations == 1 && optimizer.iterations == 0)
    #expect(values(p) == [1, 1])
  }
}
