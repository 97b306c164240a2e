import Arrays
import Experiment
import Operations

/// Reads the data of a problem once, and does nothing with them but add them up: no training step can take less, unless its data
/// lie in a cache.
struct MemoryReading {
  /// From this many points on it is memory that is measured, not the caches of a core.
  static let leastPoints = 1_000_000

  /// x and y, one behind the other.
  private let data: NDArray

  /// Data like those of a problem of that many points. Throws an unavailable failure when there is no memory for them.
  init(points: Int, dtype: Precision) throws(Failure) {
    do {
      data = try NDArray(full: [2 * points], .float(1), dtype == .float64 ? .float64 : .float32)
    } catch { throw .unavailable("\(points) points: \(error.message)") }
  }

  /// What it is called in tables.
  static func name(threads: Int) -> String {
    "reading x and y" + (threads > 1 ? ", \(threads) threads" : "")
  }

  /// How long it takes on so many threads, in microseconds: the median of as many times as fit into `seconds`.
  func microseconds(threads: Int, seconds: Double) -> Double {
    setThreadCount(threads)
    var times: [Double] = []
    let start = ContinuousClock.now
    repeat {
      let before = ContinuousClock.now
      _ = checked { () throws(ArrayError) in try Sum().forward(data) }
      times.append((ContinuousClock.now - before) / .microseconds(1))
    } while (ContinuousClock.now - start) / .seconds(1) < seconds
    return times.median
  }
}
