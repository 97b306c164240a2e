/// The optimizers by PyTorch's names, for callers that have names and options as data: command lines, tools, tests.
public enum OptimizerTable {
  /// How an optimizer is made from groups and options by name.
  private typealias Maker =
    @Sendable (
      _ groups: [(parameters: [Tensor], options: [String: OptionValue])], _ common: [String: OptionValue]
    ) throws(ArrayError) -> Optimizer

  private static let makers: [String: Maker] = [
    "SGD": maker(SGDRule.self), "Adagrad": maker(AdagradRule.self), "Adadelta": maker(AdadeltaRule.self),
    "RMSprop": maker(RMSpropRule.self), "Adam": maker(AdamRule.self), "AdamW": maker(AdamWRule.self),
    "Adamax": maker(AdamaxRule.self), "NAdam": maker(NAdamRule.self), "RAdam": maker(RAdamRule.self),
    "Rprop": maker(RpropRule.self), "ASGD": maker(ASGDRule.self),
    "LBFGS": { (groups, common) throws(ArrayError) in
      try require(
        groups.count == 1,
        .value("LBFGS: LBFGS doesn't support per-parameter options (parameter groups)"))
      let defaults = try LBFGSOptions().setting(common).completed
      try defaults.validate()
      return try LBFGS(taking: groups[0].parameters, try defaults.setting(groups[0].options))
    },
  ]

  private static func maker<Rule: UpdateRule>(_: Rule.Type) -> Maker {
    { (groups, common) throws(ArrayError) in
      let defaults = try Rule().setting(common)
      var list: [(parameters: [Tensor], options: Rule)] = []
      for group in groups { list.append((group.parameters, try defaults.setting(group.options))) }
      return try RuleOptimizer(checking: list, defaults: defaults)
    }
  }

  /// The names in alphabetical order.
  public static var names: [String] { makers.keys.sorted() }

  /// The optimizer of this name with these options by PyTorch's names, over one group of parameters. Throws for an unknown name or option, and
  /// for what the optimizer itself refuses.
  public static func make(
    _ name: String, _ parameters: [Tensor], _ options: [String: OptionValue] = [:]
  ) throws(ArrayError) -> Optimizer {
    try make(name, groups: [(parameters, [:])], options)
  }

  /// As `make(_:_:_:)` with several groups, each with its own options over the common ones.
  public static func make(
    _ name: String, groups: [(parameters: [Tensor], options: [String: OptionValue])],
    _ options: [String: OptionValue] = [:]
  ) throws(ArrayError) -> Optimizer {
    guard let make = makers[name] else {
      throw .type("there is no optimizer '\(name)'; there are \(names.joined(separator: ", "))")
    }
    return try make(groups, options)
  }
}
