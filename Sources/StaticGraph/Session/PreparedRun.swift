/// A run whose fetches and feeds are settled, so that it can be repeated at the least cost: without allocation, and for small graphs in
/// well under a microsecond.
public final class PreparedRun: Sendable {
  private let session: Session
  private let plan: Plan
  private let feeds: [NDArray]
  private let state: RunState

  init(_ session: Session, _ plan: Plan, _ feeds: [NDArray]) {
    self.session = session
    self.plan = plan
    self.feeds = feeds
    state = RunState(keepsFeeds: feeds.allSatisfy(\.isContiguous))
  }

  /// Runs once: the fetched values, in the order of the fetches.
  ///
  /// Results that the caller has let go of by the next run are written over then, so that no memory is asked for; those
  /// still held stay as they are.
  @discardableResult
  public func run() throws(SessionError) -> [NDArray] {
    if state.keepsFeeds { return try session.execute(plan, feeds, state) }
    return try session.execute(plan, feeds.map(Session.rowByRow), state)
  }
}

extension Session {
  /// The run of these fetches with these feeds, checked and planned, but not yet done.
  ///
  /// The fed arrays are not copied: what is written into them later is seen by later runs.
  public func prepare(_ fetches: [Symbol], feeding feeds: Feeds = Feeds()) throws(SessionError) -> PreparedRun
  {
    let feeds = try resolved(feeds)
    return PreparedRun(self, try plan(try fetches.symbols(in: graph), feeds), feeds.map(\.value))
  }

  /// The array, or a copy whose elements lie row by row: the order in which sums go through them.
  static func rowByRow(_ array: NDArray) -> NDArray {
    checked { () throws(ArrayError) in try array.contiguous() }
  }
}

/// What is kept from one run to the next of the same fetches and feeds. Guarded by the session's lock.
final class RunState: @unchecked Sendable {
  /// Whether all runs are fed the same memory.
  let keepsFeeds: Bool
  /// The arrays that the last run filled, to be filled again where nobody else holds them.
  @exclusivity(unchecked) var results: [NDArray] = []
  /// The plan over the memory of the feeds, where all runs are fed the same.
  @exclusivity(unchecked) var binding: Binding?

  /// The state before the first run.
  init(keepsFeeds: Bool) { self.keepsFeeds = keepsFeeds }
}
