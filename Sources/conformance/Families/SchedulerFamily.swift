import Autograd
import Optim

/// Runs `scheduler` cases: the sequence of learning rates, and of momenta where they are cycled.
struct SchedulerFamily: FamilyRunner {
  let kinds: Set = ["scheduler"]

  private let agreement = Agreement.mixed(1e-9)

  func operations(of testCase: ConformanceCase) throws -> [String] {
    [try testCase.json.entry("scheduler").text("scheduler")]
  }

  func run(_ testCase: ConformanceCase) throws {
    let json = testCase.json
    let optimizer = try self.optimizer(json)
    let scheduler = try SchedulerTable.make(
      json.entry("scheduler").text("scheduler"), optimizer, OptimCase.options(json.entry("options")))
    let steps = Int(try json.entry("steps").integer("steps"))
    let rates = try json.entry("learning_rates").elements("learning_rates").map { try numbers($0) }
    let momenta = try json["momenta"]?.elements("momenta").map { try numbers($0) }
    let metrics = try json["metrics"]?.elements("metrics").map { try $0.real("metrics") } ?? []
    guard rates.count == steps + 1, (momenta?.count ?? steps + 1) == steps + 1 else {
      throw MalformedCase("\(steps) steps, but learning_rates or momenta have another length")
    }
    for step in 0...steps {
      if step > 0 {
        try optimizer.advance()
        switch scheduler {
        case .plain(let scheduler): try scheduler.advance()
        case .plateau(let scheduler):
          guard metrics.indices.contains(step - 1) else { throw MalformedCase("no metric for step \(step)") }
          scheduler.step(metrics[step - 1])
        }
      }
      try compare(optimizer.learningRates, rates[step], "learning rate after step \(step)")
      if let momenta {
        try compare(optimizer.momenta.map { $0 ?? .nan }, momenta[step], "momentum after step \(step)")
      }
    }
  }

  /// The optimizer over one parameter per group, without gradients.
  private func optimizer(_ json: JSONValue) throws -> Optimizer {
    let rates = try numbers(json.entry("base_lr"))
    let groups = rates.map { rate in
      (parameters: [Tensor.zeros([1], requiresGrad: true)], options: ["lr": OptionValue.real(rate)])
    }
    return try OptimizerTable.make(
      json.entry("optimizer").text("optimizer"), groups: groups,
      json["optimizer_options"].map { try OptimCase.options($0) } ?? [:])
  }

  /// A number per group; a bare number is that of the only group.
  private func numbers(_ json: JSONValue) throws -> [Double] {
    if case .array(let list) = json { return try list.map { try $0.real("learning rates") } }
    return [try json.real("learning rates")]
  }

  private func compare(_ actual: [Double], _ expected: [Double], _ what: String) throws {
    guard actual.count == expected.count else {
      throw CaseFailure("\(what): expected \(expected.count) groups, got \(actual.count)")
    }
    for (got, wanted) in zip(actual, expected) where !agreement.accepts(got, wanted, .float64) {
      throw CaseFailure("\(what): expected \(wanted), got \(got), \(agreement)")
    }
  }
}
