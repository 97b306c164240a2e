import Autograd
import Lessons

struct GraphPictures: LessonPart {
  static let number = "2.5.2"
  static let title = "The computational graph"
  let page: Page

  func play() {
    say(
      """
      What the recording remembers is a graph: operations, what they were applied to, and what came out. It
      has no cycles, since nothing is made from itself. Take z = wx + b.
      """)
    let x = show(tensor(2.0))
    let w = show(tensor(3.0, requiresGrad: true))
    let b = show(tensor(4.0, requiresGrad: true))
    let y = show(w * x)
    let z = show(y + b)
    say(
      """
      Read from the root z it is a tree. In round brackets stand variables, in square ones the operations that
      made them; w and b are leaves, x is data.
      """)
    let names: KeyValuePairs = ["x": x, "w": w, "b": b, "y": y, "z": z]
    show(ComputationGraph(of: z, naming: names))
    say(
      """
      The names are ours. The recording itself knows none, and it has kept only what derivatives need: w's
      needs x, but nobody's needs y.
      """)
    show(ComputationGraph(of: z))
    say(
      """
      Backward, the gradients flow from z against the arrows: first through add, then through mul. A watch
      notes what comes to each variable, also to those that keep no gradient. Nothing comes to x: that is not
      zero, it was not calculated.
      """)
    let watch = GradientWatch(of: z, naming: names)
    z.backward()
    show(watch.graph)
    say(
      """
      The drawings: circles are variables, boxes are operations. "workbench figures 2.5" draws figure 2-8, this
      graph forward, and figure 2-9, the gradients flowing back, whole and step by step. "workbench graph
      tensor-autograd" draws a step of section 2.7.
      """)
  }
}
