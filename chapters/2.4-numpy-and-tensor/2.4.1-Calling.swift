import Autograd
import Lessons

struct Calling: LessonPart {
  static let number = "2.4.1"
  static let title = "Two ways to call, and two ways to change"
  let page: Page

  func play() {
    say(
      """
      An operation can be called as a function or as a method; an operator is a third spelling of the same
      thing. All three make a new tensor and leave their operands alone.
      """)
    let x = show(tensor([1, 2]))
    let y = show(tensor([3, 4]))
    show(add(x, y))
    show(x + y)
    show(x.add(y))
    show(x)

    say(
      """
      With an underscore at the end of its name the operation works in place: the result is written into the
      tensor's own memory. What is returned is the tensor itself.
      """)
    show(x.add_(y))
    show(x)

    say(
      """
      A tensor is shared when it is assigned, not copied: both names see the change. A copy has to be asked
      for.
      """)
    let same = show(x)
    let copy = show(x.clone())
    x.mul_(10)
    show(same)
    show(copy)

    say(
      """
      In place, the result must fit into the memory that is there: its shape cannot grow, and a fraction has
      no room among integers. x.add_(half) would stop the program; what it calls is this entry, which throws
      the reason instead.
      """)
    let half = show(tensor([0.5]))
    show(x.add(half))
    showError(try x.applyInPlace(broadcasting: Add(), half))
    showError(try half.applyInPlace(broadcasting: Add(), x))
  }
}
