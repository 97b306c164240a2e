import Autograd
import Lessons

/// Two ways to call, and two ways to change.
struct Calling: LessonPart {
  static let number = "2.4.1"
  static let title = "Two ways to call, and two ways to change"
  let page: Page

  func play() {
    say(
      """
      An operation makes a new tensor; the same name with an underscore works in place: it changes the tensor itself.
      """)
    let x = show(tensor([1, 2]))
    let y = show(tensor([3, 4]))
    show(x.add(y))
    show(x)
    show(x.add_(y))
    show(x)
  }
}
