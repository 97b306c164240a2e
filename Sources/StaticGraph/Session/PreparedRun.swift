/// A run whose fetches and feeds are settled, so that it can be repeated at the least cost.
public final class PreparedRun: Sendable {
  private let session: Session
  private let plan: Plan
  private let feeds: [NDArray]

  init(_ session: Session, _ plan: Plan, _ feeds: [NDArray]) {
    self.session = session
    self.plan = plan
    self.feeds = feeds
  }

  /// Runs once: the fetched values, in the order of the fetches.
  @discardableResult
  public func run() throws(SessionError) -> [NDArray] { try session.execute(plan, feeds) }
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
}
