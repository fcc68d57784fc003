import TestSupport
import Testing

@testable import StateMemory

@Suite(.timeLimit(.minutes(2))) struct StateArrayTests {
  @Test func anArrayGrowsWithoutMovingButOnce() {
    let space = StateSpace(reservationBytes: 1 << 30)
    do {
      var array = StateArray(in: space)
      var bases: [UnsafeMutableRawPointer] = []
      for step in 1...400 {
        array.grow(toByteCount: step * 100_000)
        let writer = array.willChange()
        writer.declare(offset: step * 100_000 - 8, byteCount: 8)
        writer.store(UInt64(step), at: step * 100_000 - 8)
        if bases.last != writer.base { bases.append(writer.base) }
      }
      #expect(bases.count == 2, "it moves at 1 MiB and never again")
      for step in 1...400 { #expect(array.elements(as: UInt64.self)[step * 12_500 - 1] == UInt64(step)) }
      #expect(array.stateBytes >= 40_000_000 && array.stateBytes < 40_200_000)
      #expect(space.stateBytes == array.stateBytes)
    }
    #expect(space.stateBytes == 0)
  }

  @Test func smallArraysTakeLittleAndComeBackZero() {
    let space = StateSpace()
    for _ in 0..<3 {
      var arrays: [ArrayBox] = []
      for number in 0..<2000 {
        let box = ArrayBox(in: space)
        #expect(firstWord(of: &box.array, becomes: UInt64(number + 1)) == 0)
        arrays.append(box)
      }
      #expect(space.stateBytes == 2000 * (4096 + 1024))
    }
    #expect(space.stateBytes == 0)
  }

  /// Sets the first word and returns what it was.
  private func firstWord(of array: inout StateArray, becomes value: UInt64) -> UInt64 {
    array.grow(toByteCount: 64)
    let writer = array.willChange(), before = writer.load(at: 0, as: UInt64.self)
    writer.declare(offset: 0, byteCount: 8)
    writer.store(value, at: 0)
    return before
  }

  @Test(arguments: 0..<4) func dirtyMarksCoverExactlyTheChangedLines(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let space = StateSpace(), stride = [8, 32, 48, 200][seed]
    var array = StateArray(in: space)
    array.grow(toByteCount: stride * 20_000)
    for round in 0..<20 {
      if round == 10 { array.grow(toByteCount: max(2 << 20, stride * 30_000)) }  // marks move along
      var expected: [Int: UInt64] = [:]
      for _ in 0..<random.next() % 6 {  // up to where all lines are dirty and ids are not looked at any more
        let ids = (0..<Int(random.next() % 3000)).map { _ in UInt32(random.next() % 20_000) }
        _ = array.willChange(ids: ids.span, stride: stride)
        for id in ids {
          for line in Int(id) * stride / lineBytes...(Int(id) * stride + stride - 1) / lineBytes {
            expected[line / 64, default: 0] |= 1 << UInt64(line % 64)
          }
        }
      }
      let dirty = array.takeDirty()
      #expect(dirty == expected.sorted { $0.key < $1.key }.map { DirtyPage(page: $0.key, lines: $0.value) })
      #expect(array.takeDirty().isEmpty)
      array.restoreDirty(dirty)
      #expect(array.takeDirty() == dirty)
    }
  }

  @Test func anUndeclaredWriteTraps() async {
    await #expect(processExitsWith: .failure) {
      var array = StateArray(in: StateSpace())
      array.grow(toByteCount: 10 * pageBytes)
      array.setArmed(true)
      let writer = array.willChange()
      writer.declare(offset: 0, byteCount: 8)
      writer.store(1 as UInt64, at: 0)
      writer.store(1 as UInt64, at: 5 * pageBytes)
    }
    await #expect(processExitsWith: .failure) {  // declared, but in an earlier batch
      var array = StateArray(in: StateSpace())
      array.grow(toByteCount: 10 * pageBytes)
      array.setArmed(true)
      array.willChange().declare(offset: 0, byteCount: 8)
      let writer = array.willChange()
      writer.store(1 as UInt64, at: 0)
    }
    await #expect(processExitsWith: .success) {
      var array = StateArray(in: StateSpace())
      array.grow(toByteCount: 10 * pageBytes)
      array.setArmed(true)
      for page in 0..<10 {
        let writer = array.willChange()
        writer.declare(offset: page * pageBytes, byteCount: 8)
        writer.store(1 as UInt64, at: page * pageBytes)
      }
      array.grow(toByteCount: 4 << 20)  // stays armed where it moved
      let writer = array.willChange()
      writer.declare(offset: 3 << 20, byteCount: 8)
      writer.store(1 as UInt64, at: 3 << 20)
      array.setArmed(false)
      let free = array.willChange()
      free.store(1 as UInt64, at: 0)
    }
  }

  @Test func operatorsDeclareWhatTheyChange() {
    let space = StateSpace()
    var random = SeededRandom(seed: 1)
    var table = KeyedRows(rowBytes: 32, keyWords: 1, in: space)
    table.setArmed(true)
    for _ in 0..<200 {
      aggregate((0..<300).map { _ in random.next() % 50_000 }, Array(repeating: 1, count: 300), into: &table)
    }
  }
}

/// Holds an array, for arrays of them.
final class ArrayBox {
  var array: StateArray
  init(in space: StateSpace) { array = StateArray(in: space) }
}
