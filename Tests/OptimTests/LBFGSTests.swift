import Optim
import Testing

/// Expected values: PyTorch 2.15.0, `torch.optim.LBFGS`, float64.
@Suite struct LBFGSTests {
  /// What is made least: of (x, y), or the sum over both.
  enum Objective: Sendable {
    case rosenbrock, wavy, quartic, root, bumpy

    func callAsFunction(_ p: Tensor) -> Tensor {
      let (x, y) = (p.select(0, 0), p.select(0, 1))
      return switch self {
      case .rosenbrock: (1 - x).square() + (y - x.square()).square().mul(100)
      case .wavy: ((p * 3).cos() + p.square() * 0.1).sum()
      case .quartic: (p.square().square() - p * 2).sum() + x * y
      case .root: (p.square() + 0.01).sqrt().sum()
      case .bumpy: (p.square() + 1e-4).sqrt().sum() + (p * 4).sin().sum() * 0.2
      }
    }
  }

  /// Some steps: the losses they return and the evaluations so far, then the point.
  private func walk(
    _ objective: Objective = .rosenbrock, from start: [Double] = [-1.2, 1], steps: Int = 3,
    sign: Double = 1, _ make: ([Tensor]) -> LBFGS
  ) -> (losses: [Double], counts: [Int], point: [Double]) {
    let p = tensor(start, requiresGrad: true)
    let optimizer = make([p])
    var (losses, counts): ([Double], [Int]) = ([], [])
    for _ in 0..<steps {
      let loss = optimizer.step {
        optimizer.zeroGrad()
        let loss = objective(p).mul(sign)
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
    let (losses, counts, point) = walk(sign: -1) {
      LBFGS($0, maxIterations: 8, maxEvaluations: 4, lineSearch: .strongWolfe, maximize: true)
    }
    expectClose(losses, [-24.199999999999996, -4.125586713674038, -4.084955376327375], 1e-9)
    #expect(counts == [4, 8, 12])
    expectClose(point, [-0.8802131649658734, 0.7274772060719978], 1e-9)
  }

  @Test(arguments: Walk.all)
  func `every reason to stop and every turn of the line search is PyTorch's`(_ expected: Walk) {
    let (losses, counts, point) = walk(expected.objective, from: expected.start, steps: 2) {
      try! OptimizerTable.make("LBFGS", $0, expected.options) as! LBFGS
    }
    #expect(counts == expected.counts)
    expectClose(losses, expected.losses, 1e-9)
    expectClose(point, expected.point, 1e-8)
  }

  @Test func `a parameter without a gradient stays`() {
    let (p, q) = (leaf(1, 2), leaf(3))
    let optimizer = LBFGS([q, p], lr: 0.5, maxIterations: 3)
    for _ in 0..<2 {
      optimizer.step {
        optimizer.zeroGrad()
        let loss = p.pow(4).sum()
        loss.backward()
        return loss
      }
    }
    expectClose(values(p) + values(q), [0.6914851924475917, 0.9875326918509808, 3], 1e-12)
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

  @Test func `every option of the initialiser arrives`() {
    let optimizer = LBFGS(
      [leaf(1)], lr: 0.5, maxIterations: 3, maxEvaluations: 7, toleranceGrad: 0.25, toleranceChange: 0.125,
      historySize: 5, lineSearch: .strongWolfe, maximize: true)
    #expect(
      optimizer.stateDictionary.groups[0].options == [
        "lr": 0.5, "max_iter": 3, "max_eval": 7, "tolerance_grad": 0.25, "tolerance_change": 0.125,
        "history_size": 5, "line_search_fn": "strong_wolfe", "maximize": true,
      ])
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
      let loss = Objective.rosenbrock(p)
      loss.backward()
      return loss
    }
    #expect(optimizer.evaluations == 1 && optimizer.iterations == 0)
    #expect(values(p) == [1, 1])
  }
}

/// Two steps of L-BFGS, chosen so that each of its conditions decides at least one of them.
struct Walk: Sendable {
  let objective: LBFGSTests.Objective
  let start: [Double]
  let options: [String: OptionValue]
  let losses: [Double]
  let counts: [Int]
  let point: [Double]

  static let all: [Walk] = [
    Walk(
      objective: .rosenbrock, start: [0.75, -2.5],
      options: ["lr": 2, "max_iter": 8, "line_search_fn": "strong_wolfe", "tolerance_grad": 0.5],
      losses: [937.953125, 0.787288452750246], counts: [11, 21],
      point: [0.5223520348024295, 0.26016581563693236]),
    Walk(
      objective: .root, start: [2.0, 1.75],
      options: ["lr": 2, "max_iter": 8, "line_search_fn": "strong_wolfe"],
      losses: [3.7553532537458887, 0.2064787579384505], counts: [11, 18],
      point: [-1.4697587600254018e-08, 3.712084070790593e-08]),
    Walk(
      objective: .root, start: [-0.25, -2.5],
      options: ["lr": 0.1, "max_iter": 8, "tolerance_change": 0.1, "history_size": 1],
      losses: [2.771257440996086, 2.6754561188596466], counts: [2, 7],
      point: [0.1734863093105025, 0.2555165133008109]),
    Walk(
      objective: .quartic, start: [-0.25, -0.5],
      options: ["lr": 0.1, "max_iter": 2, "line_search_fn": "strong_wolfe"],
      losses: [1.69140625, 0.3977975757430234], counts: [3, 6],
      point: [0.015535294117647109, -0.215035294117647]),
    Walk(
      objective: .wavy, start: [-0.5, -0.5], options: ["lr": 2, "max_iter": 8, "tolerance_change": 0.5],
      losses: [0.19147440333540583, 0.02840840113844062], counts: [2, 4],
      point: [-0.44447327162296735, -0.44447327162296735]),
    Walk(
      objective: .rosenbrock, start: [0.25, -1.25],
      options: ["lr": 5, "max_iter": 3, "line_search_fn": "strong_wolfe"],
      losses: [172.828125, 7.343575664984776], counts: [4, 8],
      point: [-1.4444489066704502, 2.0907711669224205]),
    Walk(
      objective: .root, start: [1.0, -0.25],
      options: ["lr": 1, "max_iter": 5, "line_search_fn": "strong_wolfe", "tolerance_grad": 0.1],
      losses: [1.2742458024688141, 0.20545520845840243], counts: [7, 10],
      point: [0.00025329336745171654, -0.00036348796055532887]),
    Walk(
      objective: .quartic, start: [-2.0, -0.75],
      options: ["lr": 0.5, "max_iter": 5, "line_search_fn": "strong_wolfe", "tolerance_grad": 0.1],
      losses: [23.31640625, 1.1038657502774456], counts: [6, 13],
      point: [0.12880893526173667, 0.89824446526321]),
    Walk(
      objective: .bumpy, start: [-2.5, 4.75],
      options: ["lr": 0.5, "max_iter": 5, "line_search_fn": "strong_wolfe", "max_eval": 25],
      losses: [7.388810190334591, 2.3838139606631503], counts: [14, 32],
      point: [-0.017251230585446132, -0.009617812591145077]),
    Walk(
      objective: .bumpy, start: [-1.0, -4.25],
      options: ["lr": 0.001, "max_iter": 5, "line_search_fn": "strong_wolfe", "max_eval": 40],
      losses: [5.593701760877159, 3.1744411002071082], counts: [21, 51],
      point: [-0.029356875194968216, -0.010713128698740925]),
  ]
}
