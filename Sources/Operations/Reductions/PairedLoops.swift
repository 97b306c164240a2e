/// Nested loops over the places of two arrays at once, an operation's input and its result: what each step adds to either offset.
///
/// Loops are nested from the outermost to the innermost; one that goes on where its inner neighbour ends, in both arrays, becomes one with it.
struct PairedLoops {
  /// One loop; the steps count elements.
  struct Loop {
    var size = 1
    var step = 0
    var outputStep = 0
  }

  private var loops = InlineArray<8, Loop>(repeating: Loop())
  /// The number of loops.
  private(set) var count = 0

  /// The innermost loop; a single place where there is none.
  var innermost: Loop { count == 0 ? Loop() : loops[count - 1] }

  /// Adds a loop inside the others. One that stays in place adds nothing.
  mutating func nest(_ loop: Loop) {
    if loop.size == 1 { return }
    if count > 0 {
      let outer = loops[count - 1]
      if outer.step == loop.step * loop.size && outer.outputStep == loop.outputStep * loop.size {
        loops[count - 1] = Loop(
          size: outer.size * loop.size, step: loop.step, outputStep: loop.outputStep)
        return
      }
    }
    loops[count] = loop
    count += 1
  }

  /// Calls `body` where the innermost loop begins, each time anew, with the offsets in both arrays; once where there is no loop.
  @inline(__always) func forEachRun(_ body: (_ offset: Int, _ outputOffset: Int) -> Void) {
    for place in 0..<count where loops[place].size == 0 { return }
    var index = InlineArray<8, Int>(repeating: 0)
    var (offset, outputOffset) = (0, 0)
    while true {
      body(offset, outputOffset)
      var place = count - 2
      while place >= 0 {
        let loop = loops[place]
        index[place] += 1
        offset += loop.step
        outputOffset += loop.outputStep
        if index[place] < loop.size { break }
        index[place] = 0
        offset -= loop.size * loop.step
        outputOffset -= loop.size * loop.outputStep
        place -= 1
      }
      if place < 0 { return }
    }
  }

  /// Calls `body` with the offsets of every place.
  @inline(__always) func forEachPlace(_ body: (_ offset: Int, _ outputOffset: Int) -> Void) {
    let run = innermost
    forEachRun { offset, outputOffset in
      for place in 0..<run.size { body(offset + place * run.step, outputOffset + place * run.outputStep) }
    }
  }
}
