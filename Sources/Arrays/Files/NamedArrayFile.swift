extension NamedArrays {
  /// The arrays in a file, in the format its name tells: `.npz` or `.safetensors`. Throws as the format's reader, and for another name.
  public init(contentsOf path: String) throws(ArrayFileError) {
    switch try NamedArrays.format(path) {
    case .npz: self = try Npz.read(path)
    case .safetensors: self = try Safetensors.read(path)
    }
  }

  /// Writes the arrays in the format the name tells, `.npz` or `.safetensors`; a file of that name is replaced. Throws as the
  /// format's writer, and for another name.
  public func write(to path: String) throws(ArrayFileError) {
    switch try NamedArrays.format(path) {
    case .npz: try Npz.write(self, to: path)
    case .safetensors: try Safetensors.write(self, to: path)
    }
  }

  private enum Format { case npz, safetensors }

  private static func format(_ path: String) throws(ArrayFileError) -> Format {
    if path.hasSuffix(".npz") { return .npz }
    if path.hasSuffix(".safetensors") { return .safetensors }
    throw ArrayFileError(.unsupported, path, "the name tells no format; end it in .npz or .safetensors")
  }
}
