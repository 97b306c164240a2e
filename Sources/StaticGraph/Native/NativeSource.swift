/// The fused kernels of a program as one C file.
struct NativeSource {
  /// The functions, by the number of their step; steps without one are interpreted.
  private(set) var kernels: [Int: NativeKernel] = [:]
  /// The steps that one function does from first to last: the kernels at the program's end, if all of them are compiled.
  let ending: [Int]
  /// The whole file.
  let text: String

  /// The name of the function that does the ending.
  static let endingName = "run"

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
        parts.append(
          "// A kernel over \(kernel.elements) repeats a row or column: it is left to the interpreter.\n")
      }
    }
    let steps = program.steps.enumerated().filter { number, step in
      // Leaves and views do nothing when they run.
      !(step.isLeaf && !step.isRandom) && layouts.aliases[step.results[0]] == nil
    }
    let last = steps.reversed().prefix { if case .fused = $0.element.kind { true } else { false } }.reversed()
    ending = last.map(\.offset)
    var functions: [NativeKernel] = []
    for number in ending { if let native = kernels[number] { functions.append(native) } }
    if !functions.isEmpty && functions.count == ending.count { parts.append(NativeSource.ending(functions)) }
    text = parts.joined(separator: "\n")
  }

  private static func ending(_ kernels: [NativeKernel]) -> String {
    var offset = 0
    var lines: [String] = []
    for kernel in kernels {
      lines.append("  \(kernel.name)(operands + \(offset));\n")
      offset += kernel.operands.count
    }
    return "// All of it, one kernel after the other.\n"
      + "void \(endingName)(const void *const *operands) {\n\(lines.joined())}\n"
  }

  private static let preamble =
    """
    // The fused kernels of a static graph. Of each, one function does for some elements of a run what all its nodes do: intermediate
    // values stay in registers, or where the library's own functions are called, in tiles that stay in the first-level cache.
    // The operands' addresses come in a table.

    typedef __SIZE_TYPE__ size_t;
    typedef __PTRDIFF_TYPE__ ptrdiff_t;
    enum { BLOCK = 128, TILE = \(NativeKernel.tile) };

    // The library's own kernels: element count, result, then operands; each address with its stride (0: one value for all).
    typedef void (*unary)(size_t, void *, ptrdiff_t, const void *, ptrdiff_t);
    typedef void (*binary)(size_t, void *, ptrdiff_t, const void *, ptrdiff_t, const void *, ptrdiff_t);
    typedef void (*ternary)(
        size_t, void *, ptrdiff_t, const void *, ptrdiff_t, const void *, ptrdiff_t, const void *, ptrdiff_t);

    #define INLINE static inline __attribute__((always_inline))
    #define VECTORIZE _Pragma("clang loop vectorize(assume_safety)")
    #define EIGHT_AT_ONCE \\
      _Pragma("clang loop vectorize(assume_safety) vectorize_width(8) interleave_count(1) unroll(disable)")

    // Sums in pairwise order, as NumPy adds: up to 128 terms by eight accumulators at once, more as the sum of two halves.

    """ + sum("float", 4, even: "0, 2, 4, 6", odd: "1, 3, 5, 7", left: "0, 2", right: "1, 3")
    + sum("double", 8, even: "0, 4, 2, 6", odd: "1, 5, 3, 7", left: "0, 1", right: "2, 3")

  /// The sums of one type. `even` and `odd` are the lanes that form pairs, `left` and `right` the pairs that are added to each other, in the order in
  /// which processors do it at once.
  private static func sum(
    _ type: String, _ size: Int, even: String, odd: String, left: String, right: String
  ) -> String {
    """
    typedef \(type) eight_\(type)s __attribute__((vector_size(\(8 * size)), aligned(\(size))));
    typedef \(type) four_\(type)s __attribute__((vector_size(\(4 * size)), aligned(\(size))));
    typedef \(type) two_\(type)s __attribute__((vector_size(\(2 * size)), aligned(\(size))));

    // ((0+1)+(2+3)) + ((4+5)+(6+7))
    INLINE \(type) total_\(type)(eight_\(type)s s) {
      const four_\(type)s pairs = __builtin_shufflevector(s, s, \(even)) + __builtin_shufflevector(s, s, \(odd));
      const two_\(type)s fours =
          __builtin_shufflevector(pairs, pairs, \(left)) + __builtin_shufflevector(pairs, pairs, \(right));
      return fours[0] + fours[1];
    }

    INLINE \(type) block_\(type)(size_t n, const \(type) *a) {
      eight_\(type)s s = *(const eight_\(type)s *)a;
      size_t i = 8;
      for (; i + 8 <= n; i += 8) s += *(const eight_\(type)s *)(a + i);
      \(type) sum = total_\(type)(s);
      for (; i < n; i++) sum += a[i];
      return sum;
    }

    static \(type) sum_\(type)(size_t n, const \(type) *a) {
      if (n < 8) {
        \(type) sum = 0;
        for (size_t i = 0; i < n; i++) sum += a[i];
        return sum;
      }
      if (n <= BLOCK) return block_\(type)(n, a);
      const size_t half = n / 2 - n / 2 % 8;
      return sum_\(type)(half, a) + sum_\(type)(n - half, a + half);
    }

    """
  }
}

extension Program.Step {
  /// Whether it draws numbers.
  fileprivate var isRandom: Bool { if case .random = kind { true } else { false } }
}
