import Autograd
import Lessons

struct Selecting: LessonPart {
  static let number = "2.4.4"
  static let title = "Selecting elements"
  let page: Page

  func play() {
    say(
      """
      Integers, ranges, steps, an ellipsis and new dimensions between the brackets are basic indexing. It
      never copies: the result is a view.
      """)
    let x = show(tensor([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]))
    show(x[0])
    show(x[-1, 2])
    show(x[.all, 1])
    show(x[0..<2, 1...2])
    show(x[.all, .slice(step: 2)])
    show(x[.ellipsis, 0])
    show(x[0, .newAxis])
    showError(try GetItem.view(x, [.integer(3)]))

    say("So an assignment to a selection changes the tensor it was taken from:")
    x[0, 0] = 100
    x[.all, 3] = 0
    show(x)

    say(
      """
      The selections below read positions or conditions from another tensor. Their results lie in no regular
      pattern, so they are copies.
      """)
    show(x.indexSelect(1, tensor([0, 2])))
    let mask = show(x.gt(6))
    show(x.maskedSelect(mask))
    show(mask.nonzero())

    say(
      """
      gather follows an index tensor along one dimension: along dimension 1, out[i][j] = x[i][index[i][j]].
      The index has as many dimensions as x, and the result has the index's shape.
      """)
    let index = show(tensor([[0, 1], [2, 2], [3, 0]]))
    let picked = show(x.gather(1, index))
    showError(try Tensor.apply(Gather(1), x, tensor([[4]])))

    say(
      """
      scatter_ is its mirror: it writes values at the places from which gather reads, out[i][index[i][j]] =
      src[i][j].
      """)
    show(Tensor.zeros([3, 4], dtype: .int64).scatter_(1, index, picked))
    show(Tensor.zeros([3, 4], dtype: .int64).scatter_(1, index, 1))

    table(
      "Table 2-3. Selecting",
      [
        "getitem": "x[…]: a view",
        "index_select": "these positions along dim",
        "nonzero": "where it is not 0, one row per place",
        "masked_select": "where the mask is true, in one dimension",
        "gather": "by an index for each element",
        "scatter": "writes where gather reads",
      ])
  }
}
