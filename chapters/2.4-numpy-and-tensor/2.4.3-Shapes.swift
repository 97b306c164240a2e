import Autograd
import Lessons

struct Shapes: LessonPart {
  static let number = "2.4.3"
  static let title = "Looking at shapes and changing them"
  let page: Page

  func play() {
    say(
      """
      A tensor is memory plus a way to walk through it: the size of each dimension, and the stride, how far
      apart its elements lie.
      """)
    let x = show(tensor([[0, 1, 2], [3, 4, 5]]))
    show(x.size())
    show(x.size(1))
    show(x.dim())
    show(x.numel())
    show(x.stride())

    say("view keeps the memory and changes the sizes. One size may be −1: it follows from the others.")
    let v = show(x.view(3, 2))
    show(x.view(-1))
    show(x.resize(3, 2))
    v[0, 0] = 100
    show(x)

    say(
      """
      Whether sizes can be viewed so depends on the strides. The transpose walks the same memory in another
      order, and no stride leads through it row by row as one line.
      """)
    let t = show(x.t())
    show(t.stride())
    show(t.isContiguous)
    showError(try Tensor.apply(View([6]), t))

    say(
      """
      reshape shares the memory where it can and copies where it must. contiguous copies only what is not in
      order yet.
      """)
    show(x.reshape(3, 2))
    show(t.reshape(6))
    show(t.contiguous())
    show(x.contiguous())
    show(t.contiguous().view(6))

    say("The number of elements must stay the same:")
    showError(try Tensor.apply(View([4]), x))

    say(
      "unsqueeze puts in a dimension of size 1, squeeze takes such dimensions out. Neither moves an element.")
    let row = show(tensor([7, 8]))
    show(row.unsqueeze(0))
    let column = show(row.unsqueeze(-1))
    show(column.squeeze())

    say("item takes the one element out of the tensor, as a Swift number.")
    show(x.sum().item(as: Int.self))
    showError(try x.array.scalarValue())

    table(
      "Table 2-2. Shapes",
      [
        "view": "the same memory with other sizes",
        "reshape": "the same, copied where it must be",
        "unsqueeze": "with a dimension of size 1 before dim",
        "squeeze": "without dimensions of size 1",
        "t": "the transpose of a matrix",
      ],
      others: [
        "x.size(), x.size(1)": "all sizes, one of them",
        "x.dim()": "the number of dimensions",
        "x.numel()": "the number of elements",
        "x.item()": "the only element as a Swift number",
        "x.contiguous()": "in row-major order, copied if it is not",
        "x.resize(3, 2)": "an older word for view, deprecated in PyTorch",
      ])
  }
}
