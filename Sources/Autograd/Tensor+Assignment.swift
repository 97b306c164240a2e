import Operations

extension Tensor {
  /// The view that basic indexing describes. Assigning writes the elements of the new value, broadcast and converted, into that place:
  /// an in-place operation, recorded like any other.
  ///
  /// Stops when an index is out of range, the value does not broadcast to the place, or the tensor may not be changed in place.
  public subscript(_ items: any IndexConvertible...) -> Tensor {
    get { checked { () throws(ArrayError) in try GetItem.view(self, items.map(\.indexItem)) } }
    set { checked { () throws(ArrayError) in try assign(newValue, at: items.map(\.indexItem)) } }
  }

  /// `x[items] = value`, the throwing form: leading dimensions of size 1 that the place does not have are dropped from `value`, which
  /// is then broadcast and converted.
  public func assign(_ value: Tensor, at items: [IndexItem]) throws(ArrayError) {
    let place = try GetItem.view(self, items)
    var value = value
    while value.rank > place.rank && value.shape[0] == 1 { value = try Tensor.apply(Select(0, 0), value) }
    try place.applyInPlace(CopyFrom(), value)
  }

  /// `x[items] = number`, the throwing form: the number, converted, everywhere in that place.
  public func assign(_ number: Scalar, at items: [IndexItem]) throws(ArrayError) {
    try GetItem.view(self, items).applyInPlace(Fill(number))
  }
}
