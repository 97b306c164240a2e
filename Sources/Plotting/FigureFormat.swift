/// The picture formats.
public enum FigureFormat: String, Sendable, CaseIterable, Comparable {
  case svg, png, pdf

  /// In the order of the declaration.
  public static func < (left: FigureFormat, right: FigureFormat) -> Bool {
    allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
  }

  /// What is wrong with `bytes` as a picture of this format; nil when they begin and end as one does.
  package func fault(in bytes: [UInt8]) -> String? {
    if bytes.isEmpty { return "is empty" }
    let (start, end): ([UInt8], [UInt8]) =
      switch self {
      case .svg: (Array("<?xml".utf8), Array("</svg>".utf8))
      case .png: ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], Array("IEND".utf8))
      case .pdf: (Array("%PDF-".utf8), Array("%%EOF".utf8))
      }
    if !bytes.starts(with: start) { return "does not begin as \(rawValue.uppercased()) does" }
    // The mark of the end may be followed by a checksum and line ends.
    let tail = String(decoding: bytes.suffix(32), as: UTF8.self)
    return tail.contains(String(decoding: end, as: UTF8.self)) ? nil : "is cut off"
  }
}
