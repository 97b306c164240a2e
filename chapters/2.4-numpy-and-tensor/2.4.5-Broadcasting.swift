import Autograd
import Lessons

struct Broadcasting: LessonPart {
  static let number = "2.4.5"
  static let title = "Broadcasting"
  let page: Page

  func play() {
    say(
      """
      Elementwise operations need operands of one shape. Where shapes differ, broadcasting makes them equal.
      Take (4, 1) with (3):
      """)
    let a = show(tensor([[0], [10], [20], [30]]))
    let b = show(tensor([0, 1, 2]))

    say(
      """
      Step 1. The shapes are written one below the other, aligned at the right; what is missing at the left
      counts as 1. So (3) becomes (1, 3).

          a   4  1          a   4  1
          b      3    →     b   1  3
      """)
    let row = show(b.unsqueeze(0))

    say(
      """
      Step 2. In each dimension the sizes must be equal, or one of them 1, and the other is the result's: 4
      and 1 give 4, 1 and 3 give 3.
      """)
    show(Shape.broadcast(a.shape, b.shape))

    say(
      """
      Step 3. A dimension of size 1 is repeated to that size. Nothing is copied: the stride of the repeated
      dimension is 0, so that a step along it stays at the same element.
      """)
    let wide = show(a.expand(4, 3))
    show(wide.stride())
    let tall = show(row.expand(4, 3))
    show(tall.stride())

    say("Step 4. Now the shapes are equal, and elements meet one by one. All four steps are what + does:")
    show(wide + tall)
    show(a + b)

    say("The same with more dimensions, by shapes alone:")
    show(Shape.broadcast([2, 1, 3], [4, 1]))
    show(Shape.broadcast([5, 1, 4, 1], [3, 1, 1]))
    show(Shape.broadcast([3], []))
    show(Shape.broadcast([0], [1]))

    say("Two sizes that differ, neither of them 1, do not fit, and nothing is repeated to make them.")
    show(Shape.broadcast([4], [3]))
    let four = show(tensor([1, 2, 3, 4]))
    showError(try Tensor.apply(broadcasting: Add(), four, b))

    say(
      """
      Shapes are aligned at the right, never at the left. What is meant must be said: a column has a last
      dimension of its own.
      """)
    let m = show(Tensor.ones([2, 3], dtype: .int64))
    let two = show(tensor([10, 20]))
    showError(try Tensor.apply(broadcasting: Add(), m, two))
    show(m + two.unsqueeze(1))

    say("In place, only the other operand may be broadcast: the tensor that is changed keeps its shape.")
    show(m.add_(b))
    showError(try b.applyInPlace(broadcasting: Add(), m))
  }
}
