import CKernels
import Testing

/// All levels compute the same bits, in every pattern of strides, at lengths around the widths of vectors.
@Suite struct `Kernels give the same bits at every level` {
  static let lengths = [0, 1, 7, 8, 17, 33, 100, 257]
  static let patterns1 = [
    CallStrides(out: 1, inputs: [1]), CallStrides(out: 1, inputs: [0]), CallStrides(out: 1, inputs: [3]),
    CallStrides(out: 2, inputs: [1]),
  ]
  static let patterns2 = [
    CallStrides(out: 1, inputs: [1, 1]), CallStrides(out: 1, inputs: [1, 0]),
    CallStrides(out: 1, inputs: [0, 1]),
    CallStrides(out: 1, inputs: [0, 0]), CallStrides(out: 3, inputs: [2, 1]),
  ]
  static let patterns3 = [
    CallStrides(out: 1, inputs: [1, 1, 1]), CallStrides(out: 1, inputs: [1, 1, 0]),
    CallStrides(out: 1, inputs: [1, 0, 1]),
    CallStrides(out: 1, inputs: [1, 0, 0]), CallStrides(out: 2, inputs: [1, 2, 3]),
  ]

  /// Results of one call at each level must agree, and agree with the contiguous call on gathered inputs.
  private func check<Function>(
    _ name: String, _ outType: ck_dtype, _ inputTypes: [ck_dtype], _ patterns: [CallStrides],
    _ get: () -> sending Function,
    _ call: (Function, Int, UnsafeMutableRawPointer, [UnsafeRawPointer], CallStrides) -> Void
  ) {
    let functions = kernelLevels.map { level in kernel(at: level, get) }
    for strides in patterns {
      for n in Self.lengths {
        let inputs = zip(inputTypes, strides.inputs).enumerated().map { k, input in
          Run(varied: max(1, n * max(1, input.1)), input.0, seed: UInt64(n * 8 + k))
        }
        let contiguous = zip(inputs, strides.inputs).map { run, stride in
          let size = elementSize(run.type)
          return Run(
            run.type, bytes: (0..<n).flatMap { run.bytes[($0 * stride * size)..<($0 * stride * size + size)] }
          )
        }
        let plain = CallStrides(out: 1, inputs: strides.inputs.map { _ in 1 })
        let expected = calling(n, outType, plain, contiguous) { call(functions[0], n, $0, $1, plain) }
          .canonical
        for (level, function) in zip(kernelLevels, functions) {
          let result = calling(n, outType, strides, inputs) { call(function, n, $0, $1, strides) }.canonical
          #expect(
            result == expected,
            "\(name), \(inputTypes.map(\.rawValue)), n \(n), \(strides), level \(level.rawValue)")
        }
      }
    }
  }

  @Test func `unary operations`() {
    for raw in 0..<Int32(CK_UNARY_COUNT) {
      let op = ck_unary_op(rawValue: raw)
      let predicates = [CK_LOGICAL_NOT, CK_ISNAN, CK_ISINF, CK_ISFINITE]
      for type in kernelTypes where ck_unary(op, type) != nil {
        check(
          "unary \(raw)", predicates.contains(op) ? CK_BOOL : type, [type], Self.patterns1,
          { ck_unary(op, type)! },
          {
            $0($1, $2, $4.out, $3[0], $4.inputs[0])
          })
      }
    }
  }

  @Test func `operations with parameters`() {
    for raw in 0..<Int32(CK_PARAM_COUNT) {
      for type in [CK_FLOAT32, CK_FLOAT64] {
        check(
          "param \(raw)", type, [type], Self.patterns1, { ck_param(ck_param_op(rawValue: raw), type)! },
          {
            $0($1, $2, $4.out, $3[0], $4.inputs[0], 0.75, 2.5)
          })
      }
    }
  }

  @Test func `binary operations and comparisons`() {
    let logical = [CK_LOGICAL_AND, CK_LOGICAL_OR, CK_LOGICAL_XOR]
    for type in kernelTypes {
      for raw in 0..<Int32(CK_BINARY_COUNT) {
        let op = ck_binary_op(rawValue: raw)
        guard ck_binary(op, type) != nil else { continue }
        check(
          "binary \(raw)", logical.contains(op) ? CK_BOOL : type, [type, type], Self.patterns2,
          { ck_binary(op, type)! },
          {
            $0($1, $2, $4.out, $3[0], $4.inputs[0], $3[1], $4.inputs[1])
          })
      }
      for raw in 0..<Int32(CK_COMPARE_COUNT) {
        check(
          "compare \(raw)", CK_BOOL, [type, type], Self.patterns2,
          { ck_compare(ck_compare_op(rawValue: raw), type) },
          {
            $0($1, $2, $4.out, $3[0], $4.inputs[0], $3[1], $4.inputs[1])
          })
      }
    }
  }

  @Test func `operations with a factor`() {
    for type in kernelTypes where type != CK_BOOL {
      let factor = Run(varied: 1, type, seed: 5, nonFinite: false)
      for raw in 0..<Int32(CK_SCALED_COUNT) {
        check(
          "scaled \(raw)", type, [type, type], Self.patterns2,
          { ck_scaled(ck_scaled_op(rawValue: raw), type)! },
          {
            function, n, out, inputs, strides in
            factor.bytes.withUnsafeBytes {
              function(
                n, out, strides.out, inputs[0], strides.inputs[0], inputs[1], strides.inputs[1],
                $0.baseAddress!
              )
            }
          })
      }
    }
  }

  @Test func `ternary operations`() {
    for type in kernelTypes {
      check("where", type, [CK_BOOL, type, type], Self.patterns3, { ck_where(type) }, callTernary)
      check("clamp", type, [type, type, type], Self.patterns3, { ck_clamp(type) }, callTernary)
      if ck_lerp(type) != nil {
        check("lerp", type, [type, type, type], Self.patterns3, { ck_lerp(type)! }, callTernary)
      }
      for first in [CK_ADD, CK_SUB, CK_MUL] {
        for second in 0..<Int32(CK_PAIR_COUNT) where ck_pair(first, ck_pair_op(rawValue: second), type) != nil
        {
          check(
            "pair \(first.rawValue) \(second)", type, [type, type, type], Self.patterns3,
            { ck_pair(first, ck_pair_op(rawValue: second), type)! }, callTernary)
        }
      }
      for third in 0..<Int32(CK_PAIR_COUNT) where ck_affine(ck_pair_op(rawValue: third), type) != nil {
        // Slope and height are one element whatever the strides.
        let line = Run(varied: 2, type, seed: 7, nonFinite: false)
        let size = elementSize(type)
        check(
          "affine \(third)", type, [type, type], Self.patterns2,
          { ck_affine(ck_pair_op(rawValue: third), type)! },
          { function, n, out, inputs, strides in
            line.bytes.withUnsafeBytes {
              function(
                n, out, strides.out, inputs[0], strides.inputs[0], $0.baseAddress!, $0.baseAddress! + size,
                inputs[1], strides.inputs[1])
            }
          })
      }
      for (name, get) in [("addcmul", ck_addcmul), ("addcdiv", ck_addcdiv)] where get(type) != nil {
        let factor = Run(varied: 1, type, seed: 6, nonFinite: false)
        check(
          name, type, [type, type, type], Self.patterns3, { get(type)! },
          {
            function, n, out, inputs, strides in
            factor.bytes.withUnsafeBytes {
              function(
                n, out, strides.out, inputs[0], strides.inputs[0], inputs[1], strides.inputs[1], inputs[2],
                strides.inputs[2],
                $0.baseAddress!)
            }
          })
      }
    }
  }

  private func callTernary(
    _ function: ck_ternary_fn, _ n: Int, _ out: UnsafeMutableRawPointer, _ inputs: [UnsafeRawPointer],
    _ strides: CallStrides
  ) {
    function(
      n, out, strides.out, inputs[0], strides.inputs[0], inputs[1], strides.inputs[1], inputs[2],
      strides.inputs[2])
  }

  @Test func `conversions between all dtypes`() {
    for from in kernelTypes {
      for to in kernelTypes {
        check(
          "cast to \(to.rawValue)", to, [from], Self.patterns1, { ck_cast(from, to) },
          {
            $0($1, $2, $4.out, $3[0], $4.inputs[0])
          })
      }
    }
  }

  @Test func `row operations`() {
    for raw in 0..<Int32(CK_ROW_COUNT) {
      let op = ck_row_op(rawValue: raw)
      for type in kernelTypes where ck_row(op, type) != nil {
        let isFloat = type == CK_FLOAT32 || type == CK_FLOAT64
        check(
          "row \(raw)", isFloat ? type : CK_INT64, [type], Self.patterns1, { ck_row(op, type)! },
          {
            $0($1, $2, $4.out, $3[0], $4.inputs[0])
          })
      }
    }
  }

  @Test func `reductions of one and two runs`() {
    let truths = [CK_ANY, CK_ALL]
    let places = [CK_ARGMAX, CK_ARGMIN, CK_COUNT_NONZERO]
    let extremes = [CK_MAX, CK_MIN]
    for type in kernelTypes {
      let isFloat = type == CK_FLOAT32 || type == CK_FLOAT64
      for stride in [0, 1, 2] {
        for n in Self.lengths + [129, 520, 3000] where n > 0 {
          for finite in [true, false] {
            let a = Run(varied: n * max(stride, 1), type, seed: UInt64(n), nonFinite: !finite)
            let b = Run(varied: n * max(stride, 1), type, seed: UInt64(n + 1), nonFinite: !finite)
            for raw in 0..<Int32(CK_REDUCE_COUNT) {
              let op = ck_reduce_op(rawValue: raw)
              guard ck_reduce(op, type) != nil else { continue }
              let outType =
                truths.contains(op)
                ? CK_BOOL
                : places.contains(op) ? CK_INT64 : isFloat || extremes.contains(op) ? type : CK_INT64
              let results = kernelLevels.map { level in
                let function = kernel(at: level) { ck_reduce(op, type)! }
                return calling(1, outType, CallStrides(out: 1, inputs: []), [a]) {
                  function(n, $1[0], stride, $0)
                }.canonical
              }
              #expect(
                results.allSatisfy { $0 == results[0] },
                "reduce \(raw), dtype \(type.rawValue), n \(n), stride \(stride)")
            }
            for raw in 0..<Int32(CK_REDUCE2_COUNT) {
              let op = ck_reduce2_op(rawValue: raw)
              guard ck_reduce2(op, type) != nil else { continue }
              // Two sums lie 8 bytes apart.
              let room = op == CK_SUM_AND_PRODUCTS ? 16 / elementSize(type) : 1
              let results = kernelLevels.map { level in
                let function = kernel(at: level) { ck_reduce2(op, type)! }
                return calling(room, isFloat ? type : CK_INT64, CallStrides(out: 1, inputs: []), [a, b]) {
                  function(n, $1[0], stride, $1[1], stride, $0)
                }.canonical
              }
              #expect(
                results.allSatisfy { $0 == results[0] }, "reduce2 \(raw), dtype \(type.rawValue), n \(n)")
            }
          }
        }
      }
    }
  }

  @Test func `in place gives what out of place gives`() {
    for type in [CK_FLOAT32, CK_FLOAT64] {
      for raw in 0..<Int32(CK_UNARY_COUNT) {
        let op = ck_unary_op(rawValue: raw)
        guard ![CK_LOGICAL_NOT, CK_ISNAN, CK_ISINF, CK_ISFINITE].contains(op),
          let function = ck_unary(op, type)
        else { continue }
        let input = Run(varied: 300, type, seed: 9)
        let expected = calling(300, type, CallStrides(out: 1, inputs: [1]), [input]) {
          function(300, $0, 1, $1[0], 1)
        }
        var inPlace = input
        inPlace.bytes.withUnsafeMutableBytes {
          function(300, $0.baseAddress!, 1, UnsafeRawPointer($0.baseAddress!), 1)
        }
        #expect(inPlace.canonical == expected.canonical, "unary \(raw)")
      }
    }
  }

  @Test func `a level the processor lacks is refused`() {
    #expect(ck_force_level(ck_level(rawValue: ck_best_level().rawValue + 1)) == -1)
    #expect(ck_force_level(ck_level(rawValue: -1)) == -1)
  }
}
