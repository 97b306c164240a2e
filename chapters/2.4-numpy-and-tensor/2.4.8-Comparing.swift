import Autograd
import Lessons

struct Comparing: LessonPart {
  static let number = "2.4.8"
  static let title = "Comparing"
  let page: Page

  func play() {
    say(
      """
      Compared element by element, with broadcasting; the result is a tensor of booleans, which can serve as a
      mask.
      """)
    let x = show(tensor([[3, 1, 2], [4, 6, 5]]))
    let y = show(tensor([3, 3, 3]))
    show(x.eq(y))
    show(x.ge(y))
    show(x.gt(y))
    show(x.le(y))
    show(x.lt(y))
    show(x.ne(3))

    say(
      """
      equal asks about the whole: the same shape and the same elements. It does not broadcast. PyTorch answers with
      a Python bool; here the answer is a tensor of no dimension.
      """)
    show(x.equal(x.clone()))
    show(x.equal(y))

    say("Nothing equals nan, not even nan:")
    let odd = show(tensor([1.0, .nan], dtype: .float32))
    show(odd.eq(odd))

    say(
      """
      The largest and the smallest: of all, along a dimension with their positions, or of each two elements.
      """)
    show(x.max())
    show(x.min())
    show(x.max(dim: 1))
    show(x.min(dim: 0))
    show(x.max(y))

    say("topk gives the k largest along the last dimension, the largest first, or the k smallest.")
    show(x.topk(2))
    show(x.topk(1, largest: false))
    showError(try OperationTable.call("topk", [x.array], ["k": .int(4)]))

    table(
      "Table 2-6. Comparing",
      [
        "eq": "x = y",
        "equal": "same shape and elements",
        "ge": "x ≥ y",
        "gt": "x > y",
        "le": "x ≤ y",
        "lt": "x < y",
        "max": "the largest, along dim with positions",
        "min": "the smallest, along dim with positions",
        "topk": "the k largest and their positions",
      ])
  }
}
