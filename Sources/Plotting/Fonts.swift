import CGnuplot

/// What fontconfig knows about the fonts of this machine.
///
/// gnuplot's PNG and PDF terminals draw black shapes for Chinese text without a Chinese font, and report success; so
/// the fonts are asked about first.
public enum Fonts {
  /// The families with glyphs for Chinese, in no particular order; empty when there are none or `fc-list` is missing.
  public static func chineseFamilies() -> [String] {
    var buffer = [CChar](repeating: 0, count: 65_536)
    guard cgnuplot_capture("fc-list :lang=zh family 2>/dev/null", &buffer, buffer.count) == 0 else {
      return []
    }
    let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return Set(String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)).sorted()
  }

  /// Whether `text` has characters that only a Chinese font can be relied on to have.
  public static func needsChinese(_ text: String) -> Bool {
    text.unicodeScalars.contains { scalar in
      switch scalar.value {
      case 0x2E80...0x9FFF, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFFEF, 0x20000...0x3FFFF: true
      default: false
      }
    }
  }
}

extension Figure {
  /// Every text of the figure.
  var texts: [String] {
    var labels = [title, subtitle, x.label, y.label, color.label]
    labels += series.compactMap(\.title)
    labels += [x, y, color].flatMap { $0.ticks ?? [] }.map(\.label)
    for annotation in annotations {
      switch annotation {
      case .text(let label, _, _, _, _), .horizontalLine(_, let label), .verticalLine(_, let label):
        labels.append(label)
      case .strip: break
      }
    }
    return labels.map(\.plain).filter { !$0.isEmpty }
  }
}
