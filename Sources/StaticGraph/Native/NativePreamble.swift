/// What stands before the kernels in a C file: those of the definitions below that the kernels use.
enum NativePreamble {
  /// A definition, and the word by which what comes behind it uses it.
  private struct Definition {
    let word: String
    let text: String
  }

  /// The kernels with what they use before them.
  static func text(for kernels: String) -> String {
    // Definitions use only what stands before them.
    let body = definitions.reversed().reduce(kernels) { text, definition in
      text.contains(definition.word) ? definition.text + "\n" + text : text
    }
    return about + "\n" + body
  }

  private static let about =
    """
    // The fused kernels of a static graph. Of each, one function does for some elements of a run what all its nodes do: intermediate
    // values stay in registers, or where the library's own functions are called, in tiles that stay in the first-level cache.
    // The operands' addresses come in a table.

    """

  private static let definitions =
    [
      Definition(word: "size_t", text: "typedef __SIZE_TYPE__ size_t;"),
      Definition(word: "ptrdiff_t", text: "typedef __PTRDIFF_TYPE__ ptrdiff_t;"),
      Definition(word: "TILE", text: "enum { TILE = \(NativeKernel.tile) };"),
      Definition(word: "BLOCK", text: "enum { BLOCK = \(NativeKernel.block) };"),
      Definition(word: "(unary)", text: callee("unary", operands: 1)),
      Definition(word: "(binary)", text: callee("binary", operands: 2)),
      Definition(word: "(ternary)", text: callee("ternary", operands: 3)),
      Definition(word: "INLINE ", text: "#define INLINE static inline __attribute__((always_inline))"),
      Definition(
        word: "VECTORIZE ", text: "#define VECTORIZE _Pragma(\"clang loop vectorize(assume_safety)\")"),
      Definition(
        word: "EIGHT_AT_ONCE ",
        text: """
          #define EIGHT_AT_ONCE \\
            _Pragma("clang loop vectorize(assume_safety) vectorize_width(8) interleave_count(1) unroll(disable)")
          """),
      Definition(
        word: "ALL_EIGHT ", text: "#define ALL_EIGHT _Pragma(\"clang loop unroll(full)\")"),
      Definition(
        word: "PAIRS(",
        text: """
          // Of two vectors in turns, the sums of neighbouring lanes, and those of neighbouring pairs of lanes.
          #define PAIRS(a, b) \\
            (__builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14) + \\
             __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15))
          #define FOURS(a, b) \\
            (__builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13) + \\
             __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15))
          """),
      Definition(
        word: "half(",
        text: """
          // The terms in the first half of a sum in pairwise order, as NumPy adds.
          INLINE size_t half(size_t n) { return n / 2 - n / 2 % 8; }
          """),
      Definition(
        word: "ends_of_blocks(",
        text: """
          // Whether halving n terms, more than a block, ends in eight blocks; where these end then.
          INLINE int ends_of_blocks(size_t n, size_t ends[8]) {
            if (n > 8 * BLOCK) return 0;
            ends[3] = half(n);
            ends[1] = half(ends[3]);
            ends[5] = ends[3] + half(n - ends[3]);
            ends[0] = half(ends[1]);
            ends[2] = ends[1] + half(ends[3] - ends[1]);
            ends[4] = ends[3] + half(ends[5] - ends[3]);
            ends[6] = ends[5] + half(n - ends[5]);
            ends[7] = n;
            return ends[1] > BLOCK && n - ends[6] <= BLOCK;  // the first half is never the longer one
          }
          """),
    ]
    + sum("float", 4, even: "0, 2, 4, 6", odd: "1, 3, 5, 7", left: "0, 2", right: "1, 3")
    + sum("double", 8, even: "0, 4, 2, 6", odd: "1, 5, 3, 7", left: "0, 1", right: "2, 3")

  /// The type of the library's kernels of so many operands.
  private static func callee(_ name: String, operands: Int) -> String {
    let parameters = Array(repeating: "const void *, ptrdiff_t", count: operands).joined(separator: ", ")
    return """
      // One of the library's kernels: element count, result, then operands; each address with its stride (0: one value for all).
      typedef void (*\(name))(size_t, void *, ptrdiff_t, \(parameters));
      """
  }

  /// The sums of one type. `even` and `odd` are the lanes that form pairs, `left` and `right` the pairs that are added to each other, in the order in
  /// which processors do it at once.
  private static func sum(
    _ type: String, _ size: Int, even: String, odd: String, left: String, right: String
  ) -> [Definition] {
    [
      Definition(
        word: "eight_\(type)s",
        text: """
          typedef \(type) eight_\(type)s __attribute__((vector_size(\(8 * size)), aligned(\(size))));
          """),
      Definition(
        word: "total_\(type)(",
        text: """
          // The end of a sum in pairwise order, as NumPy adds: up to 128 terms by eight accumulators at once, ((0+1)+(2+3)) + ((4+5)+(6+7)).
          typedef \(type) four_\(type)s __attribute__((vector_size(\(4 * size)), aligned(\(size))));
          typedef \(type) two_\(type)s __attribute__((vector_size(\(2 * size)), aligned(\(size))));
          INLINE \(type) total_\(type)(eight_\(type)s s) {
            const four_\(type)s pairs = __builtin_shufflevector(s, s, \(even)) + __builtin_shufflevector(s, s, \(odd));
            const two_\(type)s fours =
                __builtin_shufflevector(pairs, pairs, \(left)) + __builtin_shufflevector(pairs, pairs, \(right));
            return fours[0] + fours[1];
          }
          """),
      Definition(
        word: "totals_\(type)(",
        text: """
          // The totals of eight blocks, all at once.
          INLINE eight_\(type)s totals_\(type)(const eight_\(type)s lanes[8]) {
            const eight_\(type)s first = FOURS(PAIRS(lanes[0], lanes[1]), PAIRS(lanes[2], lanes[3]));
            const eight_\(type)s last = FOURS(PAIRS(lanes[4], lanes[5]), PAIRS(lanes[6], lanes[7]));
            return __builtin_shufflevector(first, last, 0, 1, 2, 3, 8, 9, 10, 11) +
                __builtin_shufflevector(first, last, 4, 5, 6, 7, 12, 13, 14, 15);
          }
          """),
      Definition(
        word: "sum_\(type)(",
        text: """
          // A sum in that order: of more than 128 terms, as the sum of two halves.
          static \(type) sum_\(type)(size_t n, const \(type) *a) {
            if (n < 8) {
              \(type) sum = 0;
              for (size_t i = 0; i < n; i++) sum += a[i];
              return sum;
            }
            if (n <= BLOCK) {
              eight_\(type)s s = *(const eight_\(type)s *)a;
              size_t i = 8;
              for (; i + 8 <= n; i += 8) s += *(const eight_\(type)s *)(a + i);
              \(type) sum = total_\(type)(s);
              for (; i < n; i++) sum += a[i];
              return sum;
            }
            const size_t left = half(n);
            return sum_\(type)(left, a) + sum_\(type)(n - left, a + left);
          }
          """),
    ]
  }
}
