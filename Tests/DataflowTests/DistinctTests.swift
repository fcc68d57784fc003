import RowTestSupport
import SQLTypes
import StateMemory
import TestSupport
import Testing

@testable import Dataflow

@Suite(.timeLimit(.minutes(2))) struct DistinctTests {
  /// Integrated output against the rule, at every tick, with errors that come and mend.
  @Test(arguments: 0..<16) func eachRowOnceWhileItsWeightIsPositive(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let types = seed == 0 ? allTypes : randomTypes(&random)
    let space = StateSpace(reservationBytes: 64 << 20)
    do {
      let node = Distinct(types: types, space: space)
      var input: [Row: Int64] = [:], errors: [ErrorRow: Int64] = [:]
      var output = Integral()
      for tick in 0..<60 {
        var rows: [(row: Row, weight: Int64)] = (0..<Int(random.next() % 80)).map { _ in
          (randomRow(types, &random), Int64(random.next() % 5) - 2)
        }
        var failed: [(row: ErrorRow, weight: Int64)] = (0..<Int(random.next() % 6)).map { _ in
          (randomErrorRow(types, &random), 1)
        }
        failed += errors.filter { _ in random.next() % 2 == 0 }.map { ($0.key, -1) }
        if tick == 59 {  // retract everything
          rows = input.map { ($0.key, -$0.value) }
          failed = errors.map { ($0.key, -$0.value) }
        }
        for (row, weight) in rows { input[row, default: 0] += weight }
        for (row, weight) in failed { errors[row, default: 0] += weight }
        input = input.filter { $0.value != 0 }
        errors = errors.filter { $0.value != 0 }
        output.add(runTick(node, rows, failed, types, &random), types)
        #expect(classes(output.data, types) == expected(input, errors, types), "tick \(tick)")
        #expect(output.errors.values.allSatisfy { $0 == 1 })
        let live = errors.filter { $0.value > 0 }.keys.map { canonical($0, types) }
        #expect(Set(output.errors.keys.map { canonical($0, types) }) == Set(live))
      }
      #expect(node.figures.stateRows == 0)
    }
    #expect(space.stateBytes == 0)
  }

  private func canonical(_ row: Row, _ types: [SQLType]) -> Row { zip(row, types).map { $0.canonical($1) } }
  private func canonical(_ row: ErrorRow, _ types: [SQLType]) -> ErrorRow {
    var copy = row
    copy.cells = zip(row.cells, types).map { $0?.canonical($1) }
    return copy
  }

  private func classes(_ rows: [Row: Int64], _ types: [SQLType]) -> [Row: Int64] {
    Dictionary(rows.map { (canonical($0.key, types), $0.value) }, uniquingKeysWith: { $0 + $1 })
  }

  private func expected(_ input: [Row: Int64], _ errors: [ErrorRow: Int64], _ types: [SQLType]) -> [Row: Int64] {
    var withheld: [Row: Int64] = [:]
    for (row, weight) in errors {
      let known = row.cells.compactMap { $0 }
      if known.count == types.count { withheld[canonical(known, types), default: 0] += weight }
    }
    return classes(input, types).filter { $0.value > 0 && withheld[$0.key] ?? 0 <= 0 }.mapValues { _ in 1 }
  }
}

func randomErrorRow(_ types: [SQLType], _ random: inout SeededRandom, knowing known: Set<Int> = []) -> ErrorRow {
  let cells: [Cell?] = types.indices.map { index in
    known.contains(index) || random.next() % 2 == 0 ? randomCell(types[index], &random) : nil
  }
  let kind = Int(random.next() % 3)
  return ErrorRow(
    cells: cells, state: ["22012", "22003", "22P02"][kind],
    message: ["division by zero", "integer out of range", "invalid input syntax for type integer: \"a\""][kind],
    origin: Int64(kind / 2))
}
