import Arrays
import Foundation
import Testing

/// Files whose bytes were changed at random, from a fixed seed: each is read as some array or refused with an error that names it, and
/// nothing else happens.
@Suite("Damaged files of arrays")
struct DamagedFileTests {
  private enum Format: String, CaseIterable, CustomTestStringConvertible {
    case npy, npz, safetensors
    var testDescription: String { rawValue }
  }

  /// A file of each format with arrays of several dtypes and ranks.
  private static func good(_ format: Format, in directory: TemporaryDirectory) throws -> [UInt8] {
    let matrix = NDArray([1.5, -2, 3, 4, 5, 6], shape: [2, 3])
    let path = directory.file("good")
    let arrays: NamedArrays = ["w": matrix, "n": NDArray([7, -1]), "flag": NDArray([true], shape: [])]
    switch format {
    case .npy: try Npy.write(matrix, to: path)
    case .npz: try Npz.write(arrays, to: path)
    case .safetensors: try Safetensors.write(arrays, metadata: ["format": "np"], to: path)
    }
    return try directory.bytes("good")
  }

  /// A few bytes flipped, set to an extreme, cut out, doubled, or the end cut off.
  private static func damage(_ bytes: [UInt8], _ bits: inout TestBits) -> [UInt8] {
    var bytes = bytes
    for _ in 0...Int.random(in: 0..<4, using: &bits) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &bits)
      switch Int.random(in: 0..<8, using: &bits) {
      case 0: bytes[place] = 0xFF
      case 1: bytes[place] = 0
      case 2: bytes[place] = UInt8(ascii: "9")
      case 3: bytes.insert(bytes[place], at: place)
      case 4: bytes.remove(at: place)
      case 5: bytes.removeLast(Int.random(in: 0...min(bytes.count, 16), using: &bits))
      default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &bits)
      }
    }
    return bytes
  }

  @Test(
    "are read or refused with an error that names the file, and stay as they are", arguments: Format.allCases)
  private func damaged(_ format: Format) throws {
    let directory = try TemporaryDirectory()
    let good = try Self.good(format, in: directory)
    var bits = TestBits(state: 20)
    var refused = 0
    for _ in 0..<1500 {
      let bytes = Self.damage(good, &bits)
      let path = try directory.write(bytes, to: "damaged")
      do throws(ArrayFileError) {
        switch format {
        case .npy: _ = try Npy.read(path)
        case .npz: _ = try Npz.read(path)
        case .safetensors: _ = try Safetensors.read(path)
        }
      } catch {
        refused += 1
        #expect(error.description.hasPrefix(path), "\(error)")
        #expect(error.kind == .malformed || error.kind == .unsupported, "\(error)")
        #expect(!error.description.contains("\n"))
      }
      #expect(try directory.bytes("damaged") == bytes)
    }
    #expect(try directory.names == ["damaged", "good"])
    // The damage is real: most of it is seen.
    #expect(refused > 500)
  }
}
