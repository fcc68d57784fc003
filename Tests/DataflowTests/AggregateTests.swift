import Columnar
import Expressions
import RowTestSupport
import SQLTypes
import StateMemory
import TestSupport
import Testing
import ZSets

@testable import Dataflow

private let columnTypes: [SQLType] = [
  .bigint, .text, .boolean, .smallint, .integer, .real, .double, .numeric(nil), .numeric(.init(precision: 30, scale: 2)),
  .interval, .timestamptz, .numeric(.init(precision: 9, scale: 2)),
]

/// A draw of calls over the columns: every function that PostgreSQL has for the type, some DISTINCT, some filtered.
private func randomCalls(_ random: inout SeededRandom) -> [AggregateCall] {
  (0..<Int(1 + random.next() % 6)).map { _ in
    let argument = Int(random.next() % UInt64(columnTypes.count)), type = columnTypes[argument]
    let filter = random.next() % 4 == 0 ? 2 : nil
    var functions: [AggregateFunction] = [.count]
    if type.isNumeric || type == .interval { functions += [.sum, .avg] }
    if type != .boolean { functions += [.min, .max] }
    let function = functions[Int(random.next() % UInt64(functions.count))]
    if function == .count, random.next() % 3 == 0 {
      return AggregateCall(.count, argument: nil, filter: filter, result: .bigint)
    }
    return AggregateCall(
      function, argument: argument, isDistinct: random.next() % 3 == 0, filter: filter, result: resultType(function, type))
  }
}

@Suite(.timeLimit(.minutes(3))) struct AggregateTests {
  /// Integrated output against a recomputation over the integrated input, at every tick: retractions that may come before
  /// what they retract, weights that overflow, errors that come and mend, any cut into batches.
  @Test(arguments: 0..<40) func outputIsARecomputation(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let isAppendOnly = seed % 4 == 3
    let keys = seed % 5 == 0 ? [] : [[0], [1], [2, 9], [7, 6]][Int(random.next() % 4)]
    let calls = randomCalls(&random)
    let outTypes = keys.map { columnTypes[$0] } + calls.map(\.result)
    let space = StateSpace(reservationBytes: 64 << 20)
    do {
      let node = Aggregate(
        types: columnTypes, keys: keys, calls: calls, isAppendOnly: isAppendOnly, space: space, origin: 7)
      node.groups.setArmed(seed % 8 == 0)
      var input: [Row: Int64] = [:], errors: [ErrorRow: Int64] = [:], output = Integral()
      for tick in 0..<40 {
        var changes: [(row: Row, weight: Int64)] = (0..<Int(random.next() % 40)).map { _ in
          (randomRow(columnTypes, &random), random.next() % 30 == 0 ? 1 << 40 : 1 + Int64(random.next() % 2))
        }
        var failed: [(row: ErrorRow, weight: Int64)] = []
        if !isAppendOnly {
          for (row, weight) in input where random.next() % 3 == 0 { changes.append((row, -weight)) }
          if seed % 3 == 0 {
            failed = (0..<Int(random.next() % 3)).map { _ in
              (randomErrorRow(columnTypes, &random, knowing: random.next() % 3 == 0 ? [] : Set(keys)), 1)
            }
            failed += errors.filter { _ in random.next() % 2 == 0 }.map { ($0.key, -$0.value) }
          }
          if tick == 39 {
            changes = input.map { ($0.key, -$0.value) }
            failed = errors.map { ($0.key, -$0.value) }
          }
        }
        changes.shuffle(using: &random)
        for (row, weight) in changes { input[row, default: 0] += weight }
        for (row, weight) in failed { errors[row, default: 0] += weight }
        input = input.filter { $0.value != 0 }
        errors = errors.filter { $0.value != 0 }
        let before = output, figures = node.figures
        let sent = runTick(node, changes, failed, columnTypes, &random)
        output.add(sent, outTypes)
        let expected = model(input, errors, keys, calls)
        expectEqual(output, expected, keys, calls, outTypes, "seed \(seed), tick \(tick)")
        expectConsolidated(sent, before, output, failed.isEmpty, outTypes)
        let moved = node.figures.rowsIn - figures.rowsIn + node.figures.rowsOut - figures.rowsOut
        #expect(node.figures.stateReads - figures.stateReads <= 32 * (moved + failed.count) + 64)
      }
      if !isAppendOnly {
        #expect(node.figures.stateRows == (keys.isEmpty ? 1 : 0), "seed \(seed): retracting all leaves nothing")
      }
    }
    #expect(space.stateBytes == 0)
  }

  private func model(
    _ input: [Row: Int64], _ errors: [ErrorRow: Int64], _ keys: [Int], _ calls: [AggregateCall]
  ) -> Integral {
    var groups: [Row: [(row: Row, weight: Int64)]] = keys.isEmpty ? [[]: []] : [:]
    for (row, weight) in input { groups[keys.map { row[$0].canonical(columnTypes[$0]) }, default: []].append((row, weight)) }
    var result = Integral(), withheld: [Row: ErrorRow] = [:]
    for (error, weight) in errors {
      let key = keys.compactMap { index in error.cells[index].map { $0.canonical(columnTypes[index]) } }
      var sent = error
      sent.cells = keys.map { error.cells[$0]?.canonical(columnTypes[$0]) } + calls.map { _ in nil }
      if key.count < keys.count {
        result.errors[sent, default: 0] += weight
      } else if withheld[key].map({ text(sent) < text($0) }) ?? true {
        withheld[key] = sent
      }
    }
    for (_, sent) in withheld { result.errors[sent, default: 0] += 1 }
    for (key, rows) in groups where withheld[key] == nil {
      var cells: [Cell?] = key, first: SQLError?
      for call in calls {
        do throws(SQLError) { cells.append(try aggregate(call, rows, columnTypes)) } catch {
          cells.append(nil)
          first = first ?? error
        }
      }
      if let first {
        result.errors[ErrorRow(cells: cells, state: first.state.code, message: first.message, origin: 7), default: 0] += 1
      } else {
        result.data[cells.compactMap { $0 }] = 1
      }
    }
    return result
  }

  private func text(_ error: ErrorRow) -> String { "\(error.state)\0\(error.message)\0\(error.origin)" }

  /// Keys and extremes are compared in canonical form: which of equal values is sent is not the model's business.
  private func expectEqual(
    _ output: Integral, _ expected: Integral, _ keys: [Int], _ calls: [AggregateCall], _ types: [SQLType], _ what: String
  ) {
    func canonical(_ index: Int, _ cell: Cell) -> Cell {
      let isExact = index >= keys.count && ![.min, .max].contains(calls[index - keys.count].function)
      if isExact, case .bits = cell { return cell.canonical(types[index]) }
      return isExact ? cell : cell.canonical(types[index])
    }
    func rows(_ integral: Integral) -> [Row: Int64] {
      Dictionary(integral.data.map { (zip(0..., $0.key).map(canonical), $0.value) }, uniquingKeysWith: +)
    }
    func errors(_ integral: Integral) -> [ErrorRow: Int64] {
      Dictionary(
        integral.errors.map { row, weight in
          var copy = row
          copy.cells = zip(0..., row.cells).map { index, cell in cell.map { canonical(index, $0) } }
          return (copy, weight)
        }, uniquingKeysWith: +)
    }
    // The model keys groups by canonical cells, which for intervals are another case: make both so.
    var plain = expected
    plain.data = rows(expected)
    #expect(rows(output) == plain.data, "\(what)")
    #expect(errors(output) == errors(expected), "\(what)")
  }

  /// A tick sends nothing that it takes back.
  private func expectConsolidated(
    _ sent: TickOutput, _ before: Integral, _ after: Integral, _ comparesErrors: Bool, _ types: [SQLType]
  ) {
    var difference = 0
    for row in Set(before.data.keys).union(after.data.keys) {
      difference += Int(abs((after.data[row] ?? 0) - (before.data[row] ?? 0)))
    }
    #expect(sent.batches.reduce(0) { $0 + $1.count } == difference)
    if !comparesErrors { return }
    difference = 0
    for row in Set(before.errors.keys).union(after.errors.keys) {
      difference += Int(abs((after.errors[row] ?? 0) - (before.errors[row] ?? 0)))
    }
    #expect(sent.errors.reduce(0) { $0 + $1.rows.count } == difference)
  }
}
