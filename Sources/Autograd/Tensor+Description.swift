import Operations

extension Tensor: CustomStringConvertible {
  /// As PyTorch prints it: `tensor([[2.9645]], requires_grad=True)`, `tensor(0.1668, grad_fn=<SumBackward0>)`.
  public var description: String { description(TorchPrintOptions()) }

  /// As PyTorch prints it with these print options.
  public func description(_ options: TorchPrintOptions) -> String {
    array.torchDescription(requiresGrad: requiresGrad, gradFn: gradFn?.name, options: options)
  }
}
