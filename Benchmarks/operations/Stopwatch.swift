/// Times a call by batches.
enum Stopwatch {
  /// The median over batches of a millisecond or more, for as long as given; the first call is not counted.
  static func nanosecondsPerCall(seconds: Double, _ call: () -> Void) -> Double {
    call()
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var batch = 1
    var times: [Double] = []
    repeat {
      let elapsed = clock.measure { for _ in 0..<batch { call() } }
      if elapsed < .milliseconds(1) {
        batch *= 2
      } else {
        times.append(elapsed / .nanoseconds(1) / Double(batch))
      }
    } while times.isEmpty || clock.now < end
    times.sort()
    return times.count % 2 == 1
      ? times[times.count / 2] : (times[times.count / 2 - 1] + times[times.count / 2]) / 2
  }
}
