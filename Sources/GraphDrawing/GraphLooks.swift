/// How a role looks: told apart by line and shape, and by colour as well.
///
/// The colours are Okabe and Ito's (Color Universal Design, 2008) for lines, with pale fills on which black text keeps its contrast in
/// print.
struct GraphLooks: Sendable {
  var shape: String
  var style: String
  var lineWidth: Double
  var line: String
  var fill: String
  /// What it means, for the key below a drawing.
  var meaning: String

  static func of(_ role: GraphDrawing.Role) -> GraphLooks {
    switch role {
    case .leaf:
      GraphLooks(
        shape: "circle", style: "filled", lineWidth: 4, line: "#E69F00", fill: "#FFF6E0",
        meaning: "thick circle: leaf that is learned")
    case .data:
      GraphLooks(
        shape: "circle", style: "filled,dashed", lineWidth: 1.8, line: "#4D4D4D", fill: "#FFFFFF",
        meaning: "dashed circle: given, no gradient")
    case .inner:
      GraphLooks(
        shape: "circle", style: "filled", lineWidth: 1.4, line: "#0072B2", fill: "#EFF6FB",
        meaning: "thin circle: inner variable")
    case .root:
      GraphLooks(
        shape: "doublecircle", style: "filled", lineWidth: 1.8, line: "#0072B2", fill: "#D9EAF5",
        meaning: "double circle: root")
    case .operation:
      GraphLooks(
        shape: "box", style: "filled", lineWidth: 1.4, line: "#000000", fill: "#E9E9E9",
        meaning: "box: operation")
    }
  }

  /// What flows back: lines, and text on white or a pale fill.
  static let back = (line: "#D55E00", text: "#A33C00")
  static let backMeaning = "broken arrow: gradient flowing back, numbered in the order of the pass"
}
