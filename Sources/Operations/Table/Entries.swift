extension OperationTable {
  /// Every operation, one line each.
  static let entries: [any TableEntry.Type] = [
    // Elementwise
    Abs.self,
    Add.self,
    Eq.self,
    Exp.self,
    Ge.self,
    Gt.self,
    Le.self,
    Log.self,
    LogicalAnd.self,
    LogicalOr.self,
    LogicalXor.self,
    Lt.self,
    Mul.self,
    Ne.self,
    Neg.self,
    Sign.self,
    Sqrt.self,
    Square.self,
    Sub.self,
    // Shapes
    BroadcastTo.self,
    Cat.self,
    Chunk.self,
    Expand.self,
    Flatten.self,
    MatrixTranspose.self,
    Permute.self,
    Reshape.self,
    Split.self,
    Squeeze.self,
    Stack.self,
    Transpose.self,
    Unsqueeze.self,
    View.self,
    // Selection
    GetItem.self,
    Narrow.self,
    Select.self,
    Slice.self,
    // Reductions
    Mean.self,
    Sum.self,
    // Linear algebra
    MM.self,
  ]
}
