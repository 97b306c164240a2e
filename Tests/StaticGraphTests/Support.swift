import Foundation
import StaticGraph
import Testing

/// The error that `body` throws; nil (and a failed test) when it throws none.
func sessionError<Result>(
  sourceLocation: Testing.SourceLocation = #_sourceLocation, _ body: () throws(SessionError) -> Result
) -> SessionError? {
  do {
    _ = try body()
    Issue.record("expected an error", sourceLocation: sourceLocation)
    return nil
  } catch {
    return error
  }
}

/// The message of the error that `body` throws; nil (and a failed test) when it throws none.
func buildError<Result>(
  sourceLocation: Testing.SourceLocation = #_sourceLocation, _ body: () throws(ArrayError) -> Result
) -> String? {
  do {
    _ = try body()
    Issue.record("expected an error", sourceLocation: sourceLocation)
    return nil
  } catch {
    return error.message
  }
}

/// A float64 array.
func array(_ values: [Double], _ shape: Shape? = nil) -> NDArray {
  NDArray(values, shape: shape ?? [values.count])
}

/// The elements as float64.
func numbers(_ array: NDArray) -> [Double] { array.toArray() }

/// The bits of all elements, with dtype and shape: two arrays with equal ones are the same to the last bit.
func bits(_ array: NDArray) -> [UInt64] {
  let start: [UInt64] = [UInt64(array.dtype.rawValue)] + array.shape.map { UInt64(bitPattern: Int64($0)) }
  switch array.dtype {
  case .float64: return start + array.toArray(of: Double.self).map(\.bitPattern)
  case .float32: return start + array.toArray(of: Float.self).map { UInt64($0.bitPattern) }
  default: return start + array.toArray(of: Int64.self).map { UInt64(bitPattern: $0) }
  }
}

/// Where files may be put for a moment.
let temporaryDirectory = FileManager.default.temporaryDirectory.path

/// Removes a file if it is there.
func removeFile(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
