/// How a program carries out the steps it has described, where it offers a choice: `--compile`, `--threads` and `--without`.
public struct Execution: Equatable, Sendable {
  /// What carries the steps out.
  public enum Way: String, CaseIterable, Sendable {
    /// The library's own kernels, one after the other.
    case interpreted
    /// Machine code made for these steps.
    case native
  }

  /// What carries the steps out.
  public var way: Way
  /// How many threads it may use; at least 1.
  public var threads: Int
  /// The passes over its plan that are left out, by name.
  public var without: [String]

  /// Carried out in this way, on so many threads, without these passes.
  public init(_ way: Way = .interpreted, threads: Int = 1, without: [String] = []) {
    self.way = way
    self.threads = threads
    self.without = without
  }

  /// What a program called `name` is called in tables when it runs like this: `static-graph native, 2 threads`.
  public func label(_ name: String) -> String {
    name + (way == .native ? " native" : "") + (threads > 1 ? ", \(threads) threads" : "")
      + without.map { ", without \($0)" }.joined()
  }

  /// The options that ask an approach for it.
  public var arguments: [String] {
    (way == .native ? ["--compile", way.rawValue] : []) + (threads > 1 ? ["--threads", "\(threads)"] : [])
      + without.flatMap { ["--without", $0] }
  }
}
