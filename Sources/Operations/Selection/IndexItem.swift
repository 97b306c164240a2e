/// One item of an index expression, as between the brackets of `x[...]` in NumPy and PyTorch.
public enum IndexItem: Sendable, Hashable {
  /// This position; the dimension disappears. Negative counts from the end.
  case integer(Int)
  /// Positions start, start + step, … before stop, with Python's rules for negative and too large bounds. nil: from the beginning,
  /// to the end. The step is positive.
  case range(start: Int?, stop: Int?, step: Int = 1)
  /// As many whole dimensions as needed to use up the array's rank. Written `.ellipsis`.
  case remaining
  /// A new dimension of size 1. Written `.newAxis`.
  case inserted
}
