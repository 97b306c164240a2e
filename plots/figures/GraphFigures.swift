import Autograd
import GraphDrawing

/// The chapter's figures that are graphs: drawings for Graphviz, read off a real recording.
public enum GraphFigures {
  /// One figure: a drawing, or several that belong together.
  public struct Entry: Sendable {
    /// Its name on the command line; the files of its drawings begin with it.
    public let name: String
    /// What it shows, in a line.
    public let title: String
    /// The chapter section it belongs to.
    public let section: String
    /// Its drawings.
    public let make: @Sendable () -> [GraphDrawing]
  }

  /// Every one, in the chapter's order.
  public static let all: [Entry] = [
    Entry(name: "fig-2-8-forward", title: "The graph of z = wx + b, forward", section: "2.5") {
      [
        recordedLine().drawing(
          .forward, name: "fig-2-8-forward", title: "z = wx + b, forward", direction: .right)
      ]
    },
    Entry(
      name: "fig-2-9-backward", title: "Its gradients flowing back, step by step",
      section: "2.5"
    ) {
      let (name, title) = ("fig-2-9-backward", "z = wx + b, backward")
      let graph = recordedLine()
      return [graph.drawing(.backward(), name: name, title: title, direction: .right)]
        + graph.backwardFrames(name: name, title: title, direction: .right)
    },
  ]

  /// z = wx + b with x = 2, w = 3, b = 4, recorded, and the backward pass from z.
  private static func recordedLine() -> ComputationGraph {
    let x = tensor(2.0)
    let (w, b) = (tensor(3.0, requiresGrad: true), tensor(4.0, requiresGrad: true))
    let y = w * x
    let z = y + b
    let watch = GradientWatch(of: z, naming: ["x": x, "w": w, "b": b, "y": y, "z": z])
    z.backward()
    return watch.graph
  }
}
