/// A graph that can be drawn once the step of the calculation it belongs to is over.
public protocol DrawnGraph {
  /// Its drawings: `forward`, `backward`, and `backward-1`, `backward-2` … for what can be followed step by step.
  func drawings(title: String) throws -> [GraphDrawing]
}
