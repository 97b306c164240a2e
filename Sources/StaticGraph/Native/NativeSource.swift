/// The fused kernels of a program as one C file.
struct NativeSource {
  /// The functions, by the number of their step; steps without one are interpreted.
  private(set) var kernels: [Int: NativeKernel] = [:]
  /// The whole file.
  let text: String

  /// The file for a program whose shapes are all known.
  init(_ program: Program, _ layouts: Layouts) {
    var parts = [NativeSource.preamble]
    for (number, step) in program.steps.enumerated() {
      guard case .fused(let kernel) = step.kind else { continue }
      let name = "kernel_\(parts.count - 1)"
      if let native = NativeKernel(step, kernel, name: name, program, layouts) {
        kernels[number] = native
        parts.append("// \(kernel.steps.count) nodes of the graph over \(kernel.elements).\n" + native.text)
      } else {
        parts.append("// A kernel over \(kernel.elements) repeats a row or column: it is left to the interpreter.\n")
      }
    }
    text = parts.joined(separator: "\n")
  }

  private static let preamble =
    """
    // The fused kernels of a static graph. Each function does, for the elements start ..< start + n of a run (n is at most
    // TILE), what all its nodes do: intermediate values stay in registers, or in tiles that stay in the first-level cache.
    // The operands' addresses come in a table; the sums over these elements go to `sums`, 8 bytes each. The caller adds them up.

    typedef __SIZE_TYPE__ size_t;
    typedef __PTRDIFF_TYPE__ ptrdiff_t;
    enum { TILE = 256 };

    // The library's own kernels: element count, result, then operands; each address with its stride (0: one value for all).
    typedef void (*unary)(size_t, void *, ptrdiff_t, const void *, ptrdiff_t);
    typedef void (*binary)(size_t, void *, ptrdiff_t, const void *, ptrdiff_t, const void *, ptrdiff_t);
    typedef void (*ternary)(
        size_t, void *, ptrdiff_t, const void *, ptrdiff_t, const void *, ptrdiff_t, const void *, ptrdiff_t);

    // Sums in pairwise order, as NumPy adds: up to 128 terms by eight accumulators at once, more as the sum of two halves.
    """ + "\n" + sum("float", 4) + sum("double", 8)

  private static func sum(_ type: String, _ size: Int) -> String {
    """
    typedef \(type) eight_\(type)s __attribute__((vector_size(\(8 * size)), aligned(\(size))));

    static inline \(type) block_\(type)(size_t n, const \(type) *a) {
      eight_\(type)s s = *(const eight_\(type)s *)a;
      size_t i = 8;
      for (; i + 8 <= n; i += 8) s += *(const eight_\(type)s *)(a + i);
      \(type) sum = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
      for (; i < n; i++) sum += a[i];
      return sum;
    }

    static \(type) pairwise_\(type)(size_t n, const \(type) *a) {
      if (n <= 128) return block_\(type)(n, a);
      const size_t half = n / 2 - n / 2 % 8;
      return pairwise_\(type)(half, a) + pairwise_\(type)(n - half, a + half);
    }

    static inline \(type) sum_\(type)(size_t n, const \(type) *a) {
      if (n == TILE) return 0 + (block_\(type)(TILE / 2, a) + block_\(type)(TILE / 2, a + TILE / 2));
      if (n >= 8) return 0 + pairwise_\(type)(n, a);
      \(type) sum = 0;
      for (size_t i = 0; i < n; i++) sum += a[i];
      return sum;
    }

    """
  }
}
