extension Session {
  /// A session on the same graph that begins where this one is: with its variables' values and its places in the streams of random
  /// numbers. What either does from here on, the other does not see.
  ///
  /// - Parameter passes: what is done to a program before it runs; nil for this session's.
  public func copy(passes: Passes? = nil) -> Session {
    let copy = Session(
      graph, passes: passes ?? options.passes, threads: options.threads, compile: options.compilation)
    let kept = state.withLock { $0.store.kept }
    copy.state.withLock { $0.store.keep(kept) }
    return copy
  }
}
