import Autograd
import Testing

/// Expected: PyTorch 2.15.0, without the package opt_einsum.
@Suite struct `The steps an operation records are PyTorch's, with broadcasting and conversion inside them` {
  private let x = leaf([0.7, 1.3, 0.6, 1.1, 0.9, 1.2], [2, 3])
  private let y = leaf([0.5, 1.4, 0.8, 1.0, 0.95, 1.25], [2, 3])
  private let v = leaf([0.7, 1.1, 0.8])
  private let s = leaf([1.5], [])
  private let c = leaf([0.3, 0.4], [2, 1])
  private let u = leaf([1, 2, 3, 4])
  private let row = leaf([1, 2, 3, 4], [1, 4])
  private let b = leaf([1, 2])
  private let f = tensor([Float(1), 2, 3], requiresGrad: true)
  private let sq = leaf([2, 0.1, 0.2, 0.1, 3, 0.3, 0.2, 0.3, 4], [3, 3])
  private let two = leaf(
    [2, 0.1, 0.2, 0.1, 3, 0.3, 0.2, 0.3, 4, 3, 0.1, 0.2, 0.1, 5, 0.3, 0.2, 0.3, 6], [2, 3, 3])
  private let a3 = leaf((1...12).map(Double.init), [2, 2, 3])
  private let b3 = leaf((1...12).map(Double.init), [2, 3, 2])
  private let a4 = leaf((1...24).map(Double.init), [2, 2, 2, 3])
  private let w = leaf((1...12).map(Double.init), [4, 3])
  private let bw = leaf((1...6).map(Double.init), [3, 2])
  private let w3 = leaf((1...24).map(Double.init), [2, 3, 4])
  private let x4 = leaf((1...8).map(Double.init), [2, 4])
  private let m = tensor([[true, false, true], [false, true, true]])
  private let mv = tensor([true, false, true])

  private func expect(_ cases: [(Tensor, String)], sourceLocation: SourceLocation = #_sourceLocation) {
    Recording([
      "x": x, "y": y, "v": v, "s": s, "c": c, "u": u, "row": row, "b": b, "f": f, "sq": sq, "two": two,
      "a3": a3,
      "b3": b3, "a4": a4, "w": w, "bw": bw, "w3": w3, "x4": x4,
    ]).expect(cases, sourceLocation: sourceLocation)
  }

  @Test func `choices`() {
    expect([
      (m.where(x, v), "WhereBackward0(x,v)"),
      (mv.where(x, y), "WhereBackward0(x,y)"),
      (m.where(v, s), "WhereBackward0(v,s)"),
      (mv.where(c, v), "WhereBackward0(c,v)"),
      (mv.where(x, f), "WhereBackward0(x,f)"),
      (called("where", [m, v], ["other": .float(0)]), "WhereBackward0(v,-)"),
      (x.maskedFill(mv, 0), "MaskedFillBackward0(x)"),
      (v.maskedFill(m, 0), "MaskedFillBackward0(v)"),
      (called("masked_fill", [x, mv, s]), "MaskedFillBackward1(x,s)"),
      (called("masked_fill", [v, m, s]), "MaskedFillBackward1(v,s)"),
      (called("masked_fill", [f, mv, s]), "MaskedFillBackward1(f,s)"),
      (called("masked_fill", [x.detach(), m, s]), "MaskedFillBackward1(-,s)"),
      (x.clamp(min: v, max: y), "ClampBackward0(x,v,y)"),
      (v.clamp(min: x, max: y), "ClampBackward0(v,x,y)"),
      (x.detach().clamp(min: s, max: v), "ClampBackward0(-,s,v)"),
      (f.clamp(min: v, max: y), "ClampBackward0(f,v,y)"),
      (x.clamp(min: v, max: nil), "ClampBackward0(x,v,-)"),
      (x.clamp(min: nil, max: v), "ClampBackward0(x,-,v)"),
      (v.clamp(min: x, max: nil), "ClampBackward0(v,x,-)"),
    ])
  }

  @Test func `combinations`() {
    expect([
      (x.addcmul(v, c), "AddcmulBackward0(x,v,c)"),
      (v.addcmul(x, y), "AddcmulBackward0(v,x,y)"),
      (s.addcmul(x, v, value: 2), "AddcmulBackward0(s,x,v)"),
      (f.addcmul(v, y), "AddcmulBackward0(f,v,y)"),
      (x.detach().addcmul(v, c), "AddcmulBackward0(-,v,c)"),
      (x.addcdiv(v, c), "AddcdivBackward0(x,v,c)"),
      (v.addcdiv(x, y, value: 3), "AddcdivBackward0(v,x,y)"),
      (v.lerp(x, 0.3), "LerpBackward0(v,x)"),
      (x.lerp(v, c), "LerpBackward1(x,v,c)"),
      (c.lerp(v, s), "LerpBackward1(c,v,s)"),
      (x.add(y, alpha: 2), "AddBackward0(x,y)"),
      (x.add(v, alpha: 2), "AddBackward0(x,v)"),
      (v.add(x.detach(), alpha: 2), "AddBackward0(v,-)"),
      (x.add(f, alpha: 2), "AddBackward0(x,f)"),
      (x.sub(y, alpha: 2), "SubBackward0(x,y)"),
      (v.sub(x, alpha: 2), "SubBackward0(v,x)"),
      (x.add(1, alpha: 2), "AddBackward0(x,-)"),
      (x.clone().add_(v, alpha: 2), "AddBackward0(CloneBackward0(x),v)"),
      (x.clone().sub_(y, alpha: 2), "SubBackward0(CloneBackward0(x),y)"),
      (2 / x, "MulBackward0(ReciprocalBackward0(x),-)"),
      (1 / x, "MulBackward0(ReciprocalBackward0(x),-)"),
      (tensor(2.0) / x, "DivBackward0(-,x)"),
      (x.softsign(), "DivBackward0(x,AddBackward0(AbsBackward0(x),-))"),
    ])
  }

  @Test func `shapes`() {
    expect([
      (x.t().reshape(6), "UnsafeViewBackward0(CloneBackward0(TBackward0(x)))"),
      (x.t().reshape(3, 2), "ReshapeAliasBackward0(TBackward0(x))"),
      (x.narrow(1, 0, 2).reshape(1, 2, 2), "ReshapeAliasBackward0(SliceBackward0(x))"),
      (x.t().flatten(), "UnsafeViewBackward0(CloneBackward0(TBackward0(x)))"),
      (x.expand(2, 2, 3).reshape(4, 3), "UnsafeViewBackward0(CloneBackward0(ExpandBackward0(x)))"),
      (x.reshape(2, 3), "ViewBackward0(x)"),
      (x.clone().t_(), "TBackward1(CloneBackward0(x))"),
      (x.clone().transpose_(0, 1), "TransposeBackward1(CloneBackward0(x))"),
      (x.clone().unsqueeze_(0), "UnsqueezeBackward1(CloneBackward0(x))"),
      (c.clone().squeeze_(1), "SqueezeBackward4(CloneBackward0(c))"),
      (c.clone().squeeze_(), "SqueezeBackward3(CloneBackward0(c))"),
    ])
  }

  @Test func `solutions and products`() {
    expect([
      (sq.solve(v), "LinalgSolveExBackward0(sq,v)"),
      (sq.detach().solve(v), "LinalgSolveExBackward0(-,v)"),
      (two.solve(x), "LinalgSolveExBackward0(two,x)"),
      (two.solve(v), "LinalgSolveExBackward0(two,v)"),
      (two.solve(bw), "LinalgSolveExBackward0(two,bw)"),
      (sq.solve(two), "LinalgSolveExBackward0(sq,two)"),
      (sq.solve(x, left: false), "LinalgSolveExBackward0(sq,x)"),
      (sq.svdvals(), "LinalgSvdBackward0(sq)#1"),
      (two.svdvals(), "LinalgSvdBackward0(two)#1"),
      (v.outer(u), "MulBackward0(ViewBackward0(v),u)"),
      (
        a3.matmul(b3),
        "UnsafeViewBackward0(BmmBackward0(ViewBackward0(ExpandBackward0(a3)),ViewBackward0(ExpandBackward0(b3))))"
      ),
      (a3.matmul(bw), "UnsafeViewBackward0(MmBackward0(ViewBackward0(a3),bw))"),
      (
        a4.matmul(b3),
        "UnsafeViewBackward0(BmmBackward0(ViewBackward0(ExpandBackward0(a4)),UnsafeViewBackward0(CloneBackward0(ExpandBackward0(b3)))))"
      ),
      (
        bw.matmul(a3),
        "CloneBackward0(TransposeBackward0(UnsafeViewBackward0(MmBackward0(UnsafeViewBackward0(CloneBackward0(TransposeBackward0(a3))),TBackward0(bw)))))"
      ),
      (a3.matmul(v), "UnsafeViewBackward0(MvBackward0(ViewBackward0(a3),v))"),
      (
        v.matmul(b3),
        "UnsafeViewBackward0(MvBackward0(UnsafeViewBackward0(CloneBackward0(TransposeBackward0(b3))),v))"
      ),
      (v.matmul(bw), "SqueezeBackward4(MmBackward0(UnsqueezeBackward0(v),bw))"),
      (bw.detach().matmul(a3), "UnsafeViewBackward0(BmmBackward0(-,ViewBackward0(ExpandBackward0(a3))))"),
      (a3.matmul(bw.detach()), "UnsafeViewBackward0(MmBackward0(ViewBackward0(a3),-))"),
      (
        a3.transpose(0, 1).matmul(bw),
        "UnsafeViewBackward0(MmBackward0(UnsafeViewBackward0(CloneBackward0(TransposeBackward0(a3))),bw))"
      ),
      (
        a3.transpose(0, 1).matmul(bw.detach()),
        "UnsafeViewBackward0(BmmBackward0(ReshapeAliasBackward0(ExpandBackward0(TransposeBackward0(a3))),-))"
      ),
      (
        a3.transpose(0, 1).matmul(v.detach()),
        "UnsafeViewBackward0(SqueezeBackward1(BmmBackward0(ReshapeAliasBackward0(ExpandBackward0(TransposeBackward0(a3))),-)))"
      ),
      (
        a4.transpose(1, 2).matmul(v.detach()),
        "UnsafeViewBackward0(SqueezeBackward1(BmmBackward0(UnsafeViewBackward0(CloneBackward0(ExpandBackward0(TransposeBackward0(a4)))),-)))"
      ),
      (v.detach().matmul(b3), "UnsafeViewBackward0(BmmBackward0(-,ViewBackward0(ExpandBackward0(b3))))"),
      (v.matmul(b3.detach()), "UnsafeViewBackward0(MvBackward0(-,v))"),
      (
        a3[0..<1].matmul(b3),
        "CloneBackward0(TransposeBackward0(UnsafeViewBackward0(MmBackward0(UnsafeViewBackward0(CloneBackward0(TransposeBackward0(b3))),TBackward0(SqueezeBackward1(SliceBackward0(a3)))))))"
      ),
      (
        a3.matmul(b3[0..<1]),
        "UnsafeViewBackward0(MmBackward0(ViewBackward0(a3),SqueezeBackward1(SliceBackward0(b3))))"
      ),
      (
        a3[0..<1].detach().matmul(b3),
        "UnsafeViewBackward0(BmmBackward0(-,ViewBackward0(ExpandBackward0(b3))))"
      ),
      (
        a3[0..<1].matmul(b3[0..<1]),
        "UnsafeViewBackward0(BmmBackward0(ViewBackward0(ExpandBackward0(SliceBackward0(a3))),ViewBackward0(ExpandBackward0(SliceBackward0(b3)))))"
      ),
      (
        a3.unsqueeze(0).matmul(b3),
        "UnsafeViewBackward0(BmmBackward0(ViewBackward0(ExpandBackward0(UnsqueezeBackward0(a3))),ViewBackward0(ExpandBackward0(b3))))"
      ),
      (
        x.matmul(a4.transpose(2, 3)),
        "CloneBackward0(TransposeBackward0(UnsafeViewBackward0(MmBackward0(ViewBackward0(TransposeBackward0(TransposeBackward0(a4))),TBackward0(x)))))"
      ),
    ])
  }

  @Test func `layers`() {
    expect([
      (a3.linear(w), "UnsafeViewBackward0(MmBackward0(ViewBackward0(a3),TBackward0(w)))"),
      (a3.linear(w, u), "UnsafeViewBackward0(AddmmBackward0(u,ViewBackward0(a3),TBackward0(w)))"),
      (v.linear(w), "SqueezeBackward4(MmBackward0(UnsqueezeBackward0(v),TBackward0(w)))"),
      (v.linear(w, u), "UnsafeViewBackward0(AddmmBackward0(u,ViewBackward0(v),TBackward0(w)))"),
      (x.linear(w, s), "AddmmBackward0(s,x,TBackward0(w))"),
      (a3.linear(w, s), "AddBackward0(UnsafeViewBackward0(MmBackward0(ViewBackward0(a3),TBackward0(w))),s)"),
      (a3.linear(w, row), "UnsafeViewBackward0(AddmmBackward0(row,ViewBackward0(a3),TBackward0(w)))"),
      (
        a3.transpose(0, 1).linear(w, u),
        "AddBackward0(UnsafeViewBackward0(MmBackward0(UnsafeViewBackward0(CloneBackward0(TransposeBackward0(a3))),TBackward0(w))),u)"
      ),
      (v.linear(v), "DotBackward0(v,TBackward0(v))"),
      (x.linear(v), "MvBackward0(x,TBackward0(v))"),
      (x.bilinear(x4, w3), "ViewBackward0(TrilinearBackward0(ViewBackward0(x),w3,ViewBackward0(x4)))"),
      (
        x.bilinear(x4, w3, b),
        "AddBackward0(ViewBackward0(TrilinearBackward0(ViewBackward0(x),w3,ViewBackward0(x4))),b)"
      ),
      (
        v.bilinear(u, w3, b),
        "AddBackward0(ViewBackward0(TrilinearBackward0(ViewBackward0(v),w3,ViewBackward0(u))),b)"
      ),
      (
        a3.bilinear(.ones([2, 2, 4], dtype: .float64), w3),
        "ViewBackward0(TrilinearBackward0(ViewBackward0(a3),w3,-))"
      ),
    ])
  }

  @Test func `einsum`() {
    expect([
      (
        .einsum("ij,jk->ik", x, bw),
        "ViewBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(ViewBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(x)))),ViewBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(bw))))))))"
      ),
      (.einsum("ij->ji", x), "PermuteBackward0(x)"),
      (.einsum("ij->i", x), "SumBackward1(PermuteBackward0(x))"),
      (.einsum("ii", sq), "SumBackward1(PermuteBackward0(PermuteBackward0(DiagonalBackward0(sq))))"),
      (.einsum("ii->i", sq), "PermuteBackward0(PermuteBackward0(DiagonalBackward0(sq)))"),
      (
        .einsum("i,i->", v, v),
        "ViewBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(ViewBackward0(PermuteBackward0(PermuteBackward0(v))),ViewBackward0(PermuteBackward0(PermuteBackward0(v)))))))"
      ),
      (
        .einsum("i,j->ij", v, u),
        "MulBackward0(PermuteBackward0(UnsqueezeBackward0(v)),PermuteBackward0(UnsqueezeBackward0(u)))"
      ),
      (.einsum("ij,ij->ij", x, y), "MulBackward0(PermuteBackward0(x),PermuteBackward0(y))"),
      (
        .einsum("ij,ij->", x, y),
        "ViewBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(ViewBackward0(PermuteBackward0(PermuteBackward0(x))),ViewBackward0(PermuteBackward0(PermuteBackward0(y)))))))"
      ),
      (
        .einsum("bij,bjk->bik", a3, b3),
        "ViewBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(ViewBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(a3)))),ViewBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(b3))))))))"
      ),
      (
        .einsum("bij,j->bi", a3, v),
        "ViewBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(ViewBackward0(PermuteBackward0(PermuteBackward0(a3))),ViewBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(UnsqueezeBackward0(v)))))))))"
      ),
      (
        .einsum("...ij,...jk->...ik", a4, b3),
        "ViewBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(UnsafeViewBackward0(CloneBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(a4))))),ViewBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(UnsqueezeBackward0(b3)))))))))"
      ),
      (
        .einsum("ij,jk,kl->il", x, bw, x),
        "ViewBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(ViewBackward0(PermuteBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(ViewBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(UnsqueezeBackward0(x))))),ViewBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(UnsqueezeBackward0(bw)))))))))),ViewBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(UnsqueezeBackward0(x)))))))))"
      ),
      (
        .einsum("i,ij,j->", b, x, v),
        "ViewBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(ViewBackward0(PermuteBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(ViewBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(b)))),ViewBackward0(PermuteBackward0(PermuteBackward0(x)))))))),ViewBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(v))))))))"
      ),
      (
        .einsum("ij,kj->ik", x, y),
        "ViewBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(ViewBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(x)))),ReshapeAliasBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(y))))))))"
      ),
      (
        .einsum("ij,->ij", x, s),
        "MulBackward0(PermuteBackward0(x),PermuteBackward0(UnsqueezeBackward0(UnsqueezeBackward0(s))))"
      ),
      (
        .einsum("ij,kl->ij", x, y),
        "ViewBackward0(MulBackward0(PermuteBackward0(UnsqueezeBackward0(UnsqueezeBackward0(x))),SumBackward1(PermuteBackward0(UnsqueezeBackward0(UnsqueezeBackward0(y))))))"
      ),
      (
        .einsum("ij,jk->ki", x, bw),
        "ViewBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(ReshapeAliasBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(bw)))),ReshapeAliasBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(x))))))))"
      ),
      (
        .einsum("ij,jk->k", x, bw),
        "ViewBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(ViewBackward0(PermuteBackward0(SumBackward1(PermuteBackward0(UnsqueezeBackward0(x))))),ViewBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(bw))))))))"
      ),
      (
        .einsum("iij,jk->ik", a3, bw),
        "ViewBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(ReshapeAliasBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(PermuteBackward0(DiagonalBackward0(a3)))))),ViewBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(bw))))))))"
      ),
      (
        .einsum("ij,ji", x, bw),
        "ViewBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(ViewBackward0(PermuteBackward0(PermuteBackward0(x))),UnsafeViewBackward0(CloneBackward0(PermuteBackward0(PermuteBackward0(bw))))))))"
      ),
      (
        .einsum("ij,jk->ik", c, x),
        "ViewBackward0(MulBackward0(PermuteBackward0(UnsqueezeBackward0(c)),SumBackward1(PermuteBackward0(UnsqueezeBackward0(x)))))"
      ),
      (
        .einsum("bi,oij,bj->bo", x, w3, x4),
        "ViewBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(ViewBackward0(PermuteBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(ViewBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(UnsqueezeBackward0(x))))),UnsafeViewBackward0(CloneBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(w3)))))))))),ViewBackward0(PermuteBackward0(PermuteBackward0(UnsqueezeBackward0(UnsqueezeBackward0(x4)))))))))"
      ),
      (.einsum("i...->...", a3), "SumBackward1(PermuteBackward0(a3))"),
      (
        .einsum("...,...->...", a3, v),
        "MulBackward0(PermuteBackward0(a3),PermuteBackward0(UnsqueezeBackward0(UnsqueezeBackward0(v))))"
      ),
      (
        .einsum("ij,kl,mn->n", x, y, x),
        "ViewBackward0(MulBackward0(MulBackward0(SumBackward1(PermuteBackward0(UnsqueezeBackward0(UnsqueezeBackward0(UnsqueezeBackward0(UnsqueezeBackward0(x)))))),SumBackward1(PermuteBackward0(UnsqueezeBackward0(UnsqueezeBackward0(UnsqueezeBackward0(UnsqueezeBackward0(y))))))),SumBackward1(PermuteBackward0(UnsqueezeBackward0(UnsqueezeBackward0(UnsqueezeBackward0(UnsqueezeBackward0(x))))))))"
      ),
    ])
  }
}
