extension NDArray {
  /// The elements in one short line, as PyTorch prints numbers; of more than six only the first two and the last: `0.98, 0.94, … 1.`.
  public var brief: String {
    if count == 0 { return "[]" }
    if count <= 6 {
      let body = printedElements
      return body.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    let elements = [element(0), element(1), element(count - 1)].map(\.printedElements)
    return "\(elements[0]), \(elements[1]), … \(elements[2])"
  }

  private var printedElements: String {
    // Without `tensor(` before and whatever PyTorch adds behind the elements.
    let text = torchDescription().dropFirst("tensor(".count)
    if rank > 0 { return String(text.prefix(through: text.lastIndex(of: "]") ?? text.startIndex)) }
    return String(text.prefix { $0 != "," && $0 != ")" })
  }

  /// The element at a position in row-major order, as a 0-d view.
  private func element(_ position: Int) -> NDArray {
    var (rest, place) = (position, offset)
    for axis in (0..<rank).reversed() {
      place += rest % shape[axis] * strides[axis]
      rest /= shape[axis]
    }
    return strided([], [], offset: place)
  }
}
