/// NumPy's file format for several arrays by name, `.npz`: a ZIP file of `.npy` files.
public enum Npz {
  /// The arrays in the file by name, in the file's order; only those in `names` when given. Compressed files
  /// (`numpy.savez_compressed`) are read too, and checksums are verified.
  ///
  /// Throws when the file cannot be read or is damaged, an array is not as `Npy.read` needs it, or a name in
  /// `names` is missing.
  public static func read(_ path: String, names: [String]? = nil) throws(ArrayFileError) -> NamedArrays {
    let archive = try ZipArchive(try FileReader(path))
    var arrays = NamedArrays()
    var seen: Set<String> = []
    for entry in archive.entries {
      guard entry.name.hasSuffix(".npy") else {
        throw ArrayFileError(.unsupported, path, "entry \(entry.name) is not an .npy file")
      }
      let name = String(entry.name.dropLast(4))
      guard seen.insert(name).inserted else {
        throw ArrayFileError(.malformed, path, "has two entries named \(entry.name)")
      }
      if names?.contains(name) == false { continue }
      arrays[name] = try Npy.read(try archive.content(of: entry))
    }
    for name in names ?? [] where !seen.contains(name) {
      throw ArrayFileError(
        .malformed, path, "has no array named \(name); there are \(seen.sorted().joined(separator: ", "))")
    }
    return arrays
  }

  /// Writes the arrays, uncompressed, as `numpy.savez` does; a file of that name is replaced.
  ///
  /// Throws when the file cannot be written; what was there before then stays.
  public static func write(_ arrays: NamedArrays, to path: String) throws(ArrayFileError) {
    for name in arrays.names where name.utf8.count > 65000 || name.isEmpty {
      throw ArrayFileError(.unwritable, path, "a name is empty or longer than 65000 bytes")
    }
    try FileWriter.write(to: path) { (file) throws(ArrayFileError) in
      var zip = ZipWriter(file)
      for (name, array) in arrays {
        try zip.add(name + ".npy", header: NpyHeader(dtype: array.dtype, shape: array.shape).bytes, array)
      }
      try zip.finish()
    }
  }
}
