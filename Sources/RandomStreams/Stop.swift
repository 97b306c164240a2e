/// Stops the program for a misuse that the caller's code must mend, with a message that optimised builds keep.
func stop(_ message: String, file: StaticString = #fileID, line: UInt = #line) -> Never {
  fatalError(message, file: file, line: line)
}

/// An array of `count` elements written by `fill`. Stops when `count` is negative.
@inline(__always)
func makeArray<Element>(
  count: Int, of type: Element.Type = Element.self, by fill: (UnsafeMutableBufferPointer<Element>) -> Void
) -> [Element] {
  if count < 0 { stop("a random sample of \(count) values was asked for; a count is zero or more") }
  return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
    fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
    initialized = count
  }
}
