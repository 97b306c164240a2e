/// A schedule whatever a step of it needs.
public enum AnyScheduler {
  case plain(LRScheduler)
  case plateau(ReduceLROnPlateau)
}

/// The schedules by PyTorch's names, for callers that have names and options as data. Those that need functions or other
/// schedules are not among them.
public enum SchedulerTable {
  private typealias Maker = @Sendable (Optimizer, inout NamedOptions) throws(ArrayError) -> AnyScheduler

  private static let makers: [String: Maker] =
    [
      "StepLR": { (optimizer, o) throws(ArrayError) in
        let (size, gamma) = (try o.integer("step_size"), try o.real("gamma", 0.1))
        try StepLR.check(size)
        try o.finish()
        return .plain(StepLR(optimizer, stepSize: size, gamma: gamma, lastEpoch: o.lastEpoch))
      },
      "MultiStepLR": { (optimizer, o) throws(ArrayError) in
        let (milestones, gamma) = (try o.integers("milestones"), try o.real("gamma", 0.1))
        try o.finish()
        return .plain(
          MultiStepLR(optimizer, milestones: milestones, gamma: gamma, lastEpoch: o.lastEpoch))
      },
      "ExponentialLR": { (optimizer, o) throws(ArrayError) in
        let gamma = try o.real("gamma")
        try o.finish()
        return .plain(ExponentialLR(optimizer, gamma: gamma, lastEpoch: o.lastEpoch))
      },
      "ConstantLR": { (optimizer, o) throws(ArrayError) in
        let (factor, total) = (try o.real("factor", 1.0 / 3), try o.integer("total_iters", 5))
        try ConstantLR.check(factor)
        try o.finish()
        return .plain(
          ConstantLR(optimizer, factor: factor, totalIters: total, lastEpoch: o.lastEpoch))
      },
      "LinearLR": { (optimizer, o) throws(ArrayError) in
        let (start, end) = (try o.real("start_factor", 1.0 / 3), try o.real("end_factor", 1))
        let total = try o.integer("total_iters", 5)
        try LinearLR.check(start, end)
        try o.finish()
        return .plain(
          LinearLR(
            optimizer, startFactor: start, endFactor: end, totalIters: total, lastEpoch: o.lastEpoch))
      },
      "PolynomialLR": { (optimizer, o) throws(ArrayError) in
        let (total, power) = (try o.integer("total_iters", 5), try o.real("power", 1))
        try o.finish()
        return .plain(
          PolynomialLR(optimizer, totalIters: total, power: power, lastEpoch: o.lastEpoch))
      },
      "CosineAnnealingLR": { (optimizer, o) throws(ArrayError) in
        let (tMax, etaMin) = (try o.integer("T_max"), try o.real("eta_min", 0))
        try CosineAnnealingLR.check(tMax)
        try o.finish()
        return .plain(
          CosineAnnealingLR(optimizer, tMax: tMax, etaMin: etaMin, lastEpoch: o.lastEpoch))
      },
      "CosineAnnealingWarmRestarts": { (optimizer, o) throws(ArrayError) in
        let (t0, tMult) = (try o.integer("T_0"), try o.integer("T_mult", 1))
        let etaMin = try o.real("eta_min", 0)
        try CosineAnnealingWarmRestarts.check(t0, tMult)
        try o.finish()
        return .plain(
          CosineAnnealingWarmRestarts(
            optimizer, t0: t0, tMult: tMult, etaMin: etaMin, lastEpoch: o.lastEpoch))
      },
      "CyclicLR": { (optimizer, o) throws(ArrayError) in
        let (base, top) = (try o.perGroup("base_lr"), try o.perGroup("max_lr"))
        let options = try o.rest(CyclicLR.Options(), CyclicLR.Options.fields)
        return .plain(
          try CyclicLR(
            checking: optimizer, baseLR: base, maxLR: top, lastEpoch: o.lastEpoch, options))
      },
      "OneCycleLR": { (optimizer, o) throws(ArrayError) in
        let top = try o.perGroup("max_lr")
        let total = try OneCycleLR.totalSteps(
          try o.optionalInteger("total_steps"), try o.optionalInteger("epochs"),
          try o.optionalInteger("steps_per_epoch"))
        let options = try o.rest(OneCycleLR.Options(), OneCycleLR.Options.fields)
        return .plain(
          try OneCycleLR(
            checking: optimizer, maxLR: top, totalSteps: total, lastEpoch: o.lastEpoch, options))
      },
      "ReduceLROnPlateau": { (optimizer, o) throws(ArrayError) in
        .plateau(
          try ReduceLROnPlateau(
            checking: optimizer, try o.rest(ReduceLROnPlateau.Options(), ReduceLROnPlateau.Options.fields)))
      },
    ]

  /// The names in alphabetical order.
  public static var names: [String] { makers.keys.sorted() }

  /// The schedule of this name with these options by PyTorch's names. Throws for an unknown name or option, and for what the schedule
  /// itself refuses.
  public static func make(
    _ name: String, _ optimizer: Optimizer, _ options: [String: OptionValue] = [:]
  ) throws(ArrayError) -> AnyScheduler {
    guard let make = makers[name] else {
      throw .type("there is no scheduler '\(name)'; there are \(names.joined(separator: ", "))")
    }
    var named = try NamedOptions(name, options)
    return try make(optimizer, &named)
  }
}

/// Options by name, each taken once; what nobody took is unknown.
private struct NamedOptions {
  private let owner: String
  private var values: [String: OptionValue]
  /// `last_epoch`, which all schedules have but one.
  private(set) var lastEpoch = -1

  init(_ owner: String, _ values: [String: OptionValue]) throws(ArrayError) {
    (self.owner, self.values) = (owner, values)
    lastEpoch = try integer("last_epoch", -1)
  }

  /// Throws a type error when an option was not taken.
  func finish() throws(ArrayError) {
    guard let name = values.keys.min() else { return }
    throw .type("\(owner): got an unexpected keyword argument '\(name)'")
  }

  /// `options` with all that was not taken yet. Throws a type error for what is none of their fields.
  mutating func rest<Options>(
    _ options: Options, _ fields: [OptionField<Options>]
  ) throws(ArrayError) -> Options {
    var options = options
    for field in fields {
      guard let value = values.removeValue(forKey: field.name) else { continue }
      try require(
        field.set(&options, value), .type("\(owner): \(field.name) must be \(field.kind), not \(value)"))
    }
    try finish()
    return options
  }

  private mutating func take<Value>(
    _ name: String, _ kind: String, _ fallback: Value?, _ convert: (OptionValue) -> Value?
  ) throws(ArrayError) -> Value {
    guard let value = values.removeValue(forKey: name) else {
      if let fallback { return fallback }
      throw .type("\(owner): missing 1 required positional argument: '\(name)'")
    }
    guard let result = convert(value) else {
      throw .type("\(owner): \(name) must be \(kind), not \(value)")
    }
    return result
  }

  mutating func real(_ name: String, _ fallback: Double? = nil) throws(ArrayError) -> Double {
    try take(name, "a number", fallback) { $0.number }
  }
  mutating func integer(_ name: String, _ fallback: Int? = nil) throws(ArrayError) -> Int {
    try take(name, "an integer", fallback) { if case .integer(let value) = $0 { value } else { nil } }
  }
  mutating func optionalInteger(_ name: String) throws(ArrayError) -> Int? {
    if values[name] == OptionValue.none { values[name] = nil }
    return values[name] == nil ? nil : try integer(name)
  }
  mutating func integers(_ name: String) throws(ArrayError) -> [Int] {
    try take(name, "a list of integers", nil) { value in
      guard case .reals(let list) = value else { return nil }
      let integers = list.compactMap { Int(exactly: $0) }
      return integers.count == list.count ? integers : nil
    }
  }
  mutating func perGroup(_ name: String) throws(ArrayError) -> PerGroup {
    try take(name, OptionField<Void>.perGroupKind, nil) { $0.perGroup }
  }
}
