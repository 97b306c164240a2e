// Sharing elements with Swift's own types: what copies and what does not.
//
// | from → to                                        | elements                                             |
// |--------------------------------------------------|------------------------------------------------------|
// | `NDArray(values)`, `NDArray(values, shape:)`     | copied: a Swift array may move or be shared itself   |
// | `toArray(of:)`, `scalars`                        | copied, converted where the types differ             |
// | `NDArray(shape:of:initializingWith:)`            | written in place by the caller, no copy              |
// | `withElements(of:)`                              | lent for reading; copied only where not row-major    |
// | `withMutableElements(of:)`                       | lent for writing, never copied                       |
// | `let b = a`, views, `reshape` where it can        | shared: a change in place is seen through all
// | | `clone()`, `contiguous()` where it must           | copied
// |

extension NDArray {
  /// A new row-major array whose elements `body` writes in place: the way in for data from elsewhere without
  /// an intermediate array.
  ///
  /// `body` gets the memory of all elements, not yet set, and must set each. Throws when the size overflows
  /// or the memory cannot be had.
  public init<Element: ArrayElement>(
    shape: Shape, of type: Element.Type = Element.self,
    initializingWith body: (UnsafeMutableBufferPointer<Element>) -> Void
  ) throws(ArrayError) {
    try self.init(uninitialized: shape, Element.dtype)
    body(UnsafeMutableBufferPointer(start: address.assumingMemoryBound(to: Element.self), count: count))
  }

  /// Lends the elements in row-major order for reading: those of the storage itself where the array is
  /// contiguous, else a copy's.
  ///
  /// The buffer is valid during the call only. Throws a type error when the elements are not of this type.
  public func withElements<Element: ArrayElement, Result>(
    of type: Element.Type = Element.self, _ body: (UnsafeBufferPointer<Element>) -> Result
  ) throws(ArrayError) -> Result {
    try requireElements(Element.dtype, "withElements")
    let source = try contiguous()
    return withExtendedLifetime(source) {
      body(UnsafeBufferPointer(start: source.pointer.assumingMemoryBound(to: Element.self), count: count))
    }
  }

  /// Lends the elements in row-major order for changing in place; every view of the storage sees the changes,
  /// and the storage's version counts them as one.
  ///
  /// The buffer is valid during the call only. Throws a type error when the elements are not of this type,
  /// and an error when they are not contiguous, since a copy's changes would be lost.
  public func withMutableElements<Element: ArrayElement, Result>(
    of type: Element.Type = Element.self, _ body: (UnsafeMutableBufferPointer<Element>) -> Result
  ) throws(ArrayError) -> Result {
    try requireElements(Element.dtype, "withMutableElements")
    try require(
      isContiguous,
      .runtime(
        "withMutableElements: shape \(shape) with strides \(strides) is not contiguous; use contiguous()"
      ))
    defer { storage.version += 1 }
    return withExtendedLifetime(storage) {
      body(UnsafeMutableBufferPointer(start: pointer.assumingMemoryBound(to: Element.self), count: count))
    }
  }

  private func requireElements(_ wanted: DType, _ operation: String) throws(ArrayError) {
    try require(
      dtype == wanted,
      .type("\(operation): the elements are \(dtype), not \(wanted); convert them first with converted(to:)"))
  }
}
