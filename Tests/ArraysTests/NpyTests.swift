import Arrays
import Foundation
import Testing

@Suite("Files of one array, .npy")
struct NpyTests {
  /// A file of version 1.0 with this header, filled up with blanks as NumPy does, and these elements.
  private func npy(_ header: String, _ elements: [UInt8], version: UInt8 = 1) -> [UInt8] {
    let lengthSize = version == 1 ? 2 : 4
    let filled = 128 - 8 - lengthSize
    let text = header + String(repeating: " ", count: max(0, filled - header.utf8.count - 1)) + "\n"
    let length = withUnsafeBytes(of: UInt32(text.utf8.count).littleEndian) { Array($0.prefix(lengthSize)) }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + Array(text.utf8) + elements
  }

  private let floats: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]  // 1 and −2

  @Test("A written file has the bytes of numpy.save")
  func writes() throws {
    let directory = try TemporaryDirectory()
    let matrix = NDArray([0, 1, 2, 3, 4, 5] as [Float], shape: [2, 3])
    try Npy.write(matrix, to: directory.file("a.npy"))
    let elements: [UInt8] = [
      0, 0, 0, 0, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40, 0, 0, 0x80, 0x40, 0, 0, 0xA0, 0x40,
    ]
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
    #expect(try directory.bytes("a.npy") == npy(header, elements))

    try Npy.write(NDArray([2.5], shape: []), to: directory.file("b.npy"))
    #expect(
      try directory.bytes("b.npy")
        == npy("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", [0, 0, 0, 0, 0, 0, 4, 0x40]))

    try Npy.write(NDArray([true, false]), to: directory.file("c.npy"))
    #expect(
      try directory.bytes("c.npy")
        == npy("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", [1, 0]))
  }

  @Test("Every dtype and shape comes back as it was, a view as its elements")
  func roundTrip() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("a.npy")
    for dtype in DType.allCases {
      for shape in [[], [5], [2, 3], [0], [3, 0, 2], [1, 2, 1, 3]] as [Shape] {
        let values = (0..<shape.elementCount).map { Double($0 * 7 % 5) }
        let array = try NDArray(values, shape: shape).converted(to: dtype)
        try Npy.write(array, to: path)
        #expect(whole(try Npy.read(path)) == whole(array))
      }
    }
    let view = NDArray([0, 1, 2, 3, 4, 5]).strided([2, 2], [1, -2], offset: 4)
    try Npy.write(view, to: path)
    #expect(try Npy.read(path).toArray(of: Int.self) == [4, 2, 5, 3])
    #expect(try directory.names == ["a.npy"])
  }

  @Test("Fortran order comes back as a view with such strides")
  func fortranOrder() throws {
    let directory = try TemporaryDirectory()
    let header = "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }"
    let path = try directory.write(npy(header, [0, 0, 3, 0, 1, 0, 4, 0, 2, 0, 5, 0]), to: "f.npy")
    let array = try Npy.read(path)
    #expect(array.strides == [1, 2])
    #expect(whole(array) == whole(NDArray([0, 1, 2, 3, 4, 5] as [Int16], shape: [2, 3])))
  }

  @Test("Numbers with the most significant byte first are read")
  func bigEndian() throws {
    let directory = try TemporaryDirectory()
    let header = "{'descr': '>i4', 'fortran_order': False, 'shape': (2,), }"
    let path = try directory.write(npy(header, [0, 0, 1, 2, 0xFF, 0xFF, 0xFF, 0xFE]), to: "b.npy")
    #expect(whole(try Npy.read(path)) == whole(NDArray([258, -2] as [Int32])))
  }

  @Test(
    "Versions 1, 2 and 3 and headers of old and foreign writers are read", arguments: [1, 2, 3] as [UInt8])
  func versions(_ version: UInt8) throws {
    let directory = try TemporaryDirectory()
    for header in [
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",
      "{'shape':(2L,),'fortran_order':False,'descr':'<f4'}",
      "{\"descr\": \"=f4\", \"fortran_order\": False, \"shape\": [2]}",
    ] {
      let path = try directory.write(npy(header, floats, version: version), to: "v.npy")
      #expect(whole(try Npy.read(path)) == whole(NDArray([1, -2] as [Float])))
    }
  }

  @Test("A bool is true for any byte but 0, and becomes 1")
  func bools() throws {
    let directory = try TemporaryDirectory()
    let header = "{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }"
    let array = try Npy.read(try directory.write(npy(header, [0, 2, 255]), to: "b.npy"))
    #expect(array.pointer.load(fromByteOffset: 1, as: UInt8.self) == 1)
    #expect(array.toArray(of: Bool.self) == [false, true, true])
  }

  @Test("Every truncation of a file is refused")
  func truncated() throws {
    let directory = try TemporaryDirectory()
    let good = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", floats)
    for count in 0..<good.count {
      let path = try directory.write(good[..<count], to: "t.npy")
      expectFileError(.malformed, count < 10 ? "is not an .npy file" : "truncated") { _ = try Npy.read(path) }
    }
  }

  @Test(
    "Impossible and absurd headers are refused before any memory is taken",
    arguments: [
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", "needs 12 bytes, 8 are there"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "has bytes left over"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", "not a natural number"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (2.0,), }", "not a dictionary of"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000000,), }", "truncated"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807,), }", "more bytes than"),
      (
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
        "than 64 bits can count"
      ),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "not a dictionary of"),
      ("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), }", "not a dictionary of"),
      ("{'descr': '<f4', 'shape': (2,), }", "not a dictionary of"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", "not a dictionary of"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } 1", "not a dictionary of"),
      ("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "not a dictionary of"),
      ("((((((((((((((((((((((((((", "not a dictionary of"), ("", "not a dictionary of"),
      ("{'", "not a dictionary of"),
    ])
  func absurd(_ header: String, reason: String) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(npy(header, floats), to: "x.npy")
    expectFileError(.malformed, reason) { _ = try Npy.read(path) }
  }

  @Test("What arrays cannot hold is refused by name")
  func unsupported() throws {
    let directory = try TemporaryDirectory()
    for (descr, reason) in [
      ("'|O'", "'|O': objects"), ("'<f2'", "'<f2': supported are"), ("'<c8'", "'<c8'"), ("'<U2'", "'<U2'"),
      ("'<u2'", "'<u2'"), ("'<f3'", "'<f3'"), ("''", "''"), ("[('a', '<i4')]", "structured dtype"),
    ] {
      let header = "{'descr': \(descr), 'fortran_order': False, 'shape': (2,), }"
      let path = try directory.write(npy(header, floats), to: "u.npy")
      expectFileError(.unsupported, reason) { _ = try Npy.read(path) }
    }
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1, 1), }"
    let path = try directory.write(npy(header, [0]), to: "r.npy")
    expectFileError(.unsupported, "9 dimensions") { _ = try Npy.read(path) }
  }

  @Test("A wrong magic, an unknown version and a header longer than the file are refused")
  func notNpy() throws {
    let directory = try TemporaryDirectory()
    var bytes = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", floats)
    bytes[6] = 4
    expectFileError(.unsupported, "version 4.0") { _ = try Npy.read(directory.write(bytes, to: "v.npy")) }
    (bytes[6], bytes[11]) = (2, 0x7F)
    expectFileError(.malformed, "at most 65536") { _ = try Npy.read(directory.write(bytes, to: "h.npy")) }
    bytes[0] = 0x92
    expectFileError(.malformed, "is not an .npy file") {
      _ = try Npy.read(directory.write(bytes, to: "m.npy"))
    }
  }

  @Test("A missing file and a directory are named with the system's reason")
  func unreadable() throws {
    let directory = try TemporaryDirectory()
    expectFileError(.unreadable, "No such file") { _ = try Npy.read(directory.file("none.npy")) }
    expectFileError(.unreadable, "not a regular file") { _ = try Npy.read(directory.path) }
  }

  @Test("A failed write leaves what was there, and nothing beside it")
  func failedWrite() throws {
    let directory = try TemporaryDirectory()
    let array = NDArray([1, 2, 3])
    expectFileError(.unwritable, "No such file") { try Npy.write(array, to: directory.file("none/a.npy")) }
    expectFileError(.unwritable, "is a directory") { try Npy.write(array, to: directory.path) }
    expectFileError(.unwritable, "No space left") { try Npy.write(array, to: "/dev/full") }
    #expect(try directory.names.isEmpty)
  }

  @Test("A link stays a link: its target is replaced")
  func link() throws {
    let directory = try TemporaryDirectory()
    try Npy.write(NDArray([1]), to: directory.file("target.npy"))
    try FileManager.default.createSymbolicLink(
      atPath: directory.file("link.npy"), withDestinationPath: "target.npy")
    try Npy.write(NDArray([2]), to: directory.file("link.npy"))
    #expect(try Npy.read(directory.file("target.npy")).item(as: Int.self) == 2)
    #expect(try directory.names == ["link.npy", "target.npy"])
  }
}
