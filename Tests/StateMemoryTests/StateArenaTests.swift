import TestSupport
import Testing

@testable import StateMemory

@Suite(.timeLimit(.minutes(2))) struct StateArenaTests {
  private func text(_ random: inout SeededRandom) -> [UInt8] {
    let sizes: [UInt64] = [13, 40, 300, 5000, 40_000]
    let limit = sizes[Int(min(random.next() % 12, 11)) * 5 / 24]
    let byte = UInt8(truncatingIfNeeded: random.next())
    return (0..<Int(random.next() % limit)).map { byte &+ UInt8(truncatingIfNeeded: $0) }
  }

  @Test(arguments: 0..<4) func textsStayWhereTheyAreUntilFreed(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let space = StateSpace(reservationBytes: 1 << 30)
    do {
      var arena = StateArena(number: 513, in: space)
      var live: [(word: UInt64, bytes: [UInt8])] = []
      var snapshot: (Snapshot, [(word: UInt64, bytes: [UInt8])])?
      for tick in 1...300 as ClosedRange<UInt64> {
        space.snapshots.beginPublish()
        do {
          let writer = arena.willChange()
          let shrinking = tick % 100 > 60
          for _ in 0..<60 {
            if live.isEmpty || random.next() % 10 < (shrinking ? 2 : 7) {
              let bytes = text(&random)
              live.append((writer.insert(bytes.span.bytes), bytes))
            } else {
              let gone = live.remove(at: Int(random.next() % UInt64(live.count)))
              writer.free(gone.word, byteCount: gone.bytes.count)
            }
          }
        }
        arena.endTick()
        space.snapshots.endPublish(tick: tick)
        if tick % 50 == 10 { snapshot = (space.snapshots.open()!, live) }
        if tick % 50 == 49, let (open, texts) = snapshot {
          let reader = SnapshotReader(open)
          let wrong = texts.filter {
            reader.bytes(of: arena.pages, at: StateArena.offset(of: $0.word), byteCount: $0.bytes.count) != $0.bytes
          }
          #expect(wrong.isEmpty)
          snapshot = nil
        }
        if tick % 20 == 0 { expectTexts(live, in: arena) }
      }
      var restored = StateArena(number: 513, in: space)
      do {
        let writer = restored.growForRestore(toByteCount: arena.pages.byteCount)
        writer.declare(offset: 0, byteCount: arena.pages.byteCount)
        let bytes = [UInt8](UnsafeRawBufferPointer(start: arena.pages.base, count: arena.pages.byteCount))
        writer.store(bytes.span.bytes, at: 0)
      }
      for (word, bytes) in live { restored.adopt(word, byteCount: bytes.count) }
      restored.finishRestore()
      #expect(restored.usedBytes == arena.usedBytes)
      var more = live
      for _ in 0..<500 {
        let bytes = text(&random), writer = restored.willChange()
        more.append((writer.insert(bytes.span.bytes), bytes))
      }
      expectTexts(more, in: restored)
      do {
        let writer = arena.willChange()
        for (word, bytes) in live { writer.free(word, byteCount: bytes.count) }
      }
      arena.endTick()
      #expect(arena.usedBytes == 0)
      #expect(arena.stateBytes < 3 << 20, "empty pages are returned")
    }
    #expect(space.stateBytes == 0 && space.savedBytes == 0)
  }

  private func expectTexts(_ live: [(word: UInt64, bytes: [UInt8])], in arena: borrowing StateArena) {
    var differences = 0
    for (word, bytes) in live where word >> 48 != 513 || !isEqual(arena.bytes(word, byteCount: bytes.count), bytes) {
      differences += 1
    }
    #expect(differences == 0)
  }

  private func isEqual(_ span: RawSpan, _ bytes: [UInt8]) -> Bool { span.withUnsafeBytes { $0.elementsEqual(bytes) } }

  @Test func aFreedRangeIsUsedAgainAfterTheTick() {
    var arena = StateArena(number: 0, in: StateSpace())
    let bytes = [UInt8](repeating: 7, count: 20)
    let writer = arena.willChange(), first = writer.insert(bytes.span.bytes)
    writer.free(first, byteCount: 20)
    #expect(writer.insert(bytes.span.bytes) != first)
    arena.endTick()
    #expect(arena.willChange().insert(bytes.span.bytes) == first)
  }

  @Test func freeingTwiceIsABrokenInvariant() async {
    await #expect(processExitsWith: .failure) {
      var arena = StateArena(number: 0, in: StateSpace())
      let bytes = [UInt8](repeating: 7, count: 20)
      let writer = arena.willChange(), word = writer.insert(bytes.span.bytes)
      writer.free(word, byteCount: 20)
      writer.free(word, byteCount: 20)
      arena.endTick()
    }
  }
}
