package import Columnar
package import Expressions
package import SQLTypes
package import StateMemory
import ZSets

/// One row for each group: its key in canonical form, then its aggregates (PostgreSQL 15, §9.21).
///
/// - Input: any updates. Output, at `endTick`: for each group whose row the tick changed, the old row with weight -1 and
///   the new one with +1. A group is there while its rows' weights have a positive sum; without keys there is one group,
///   which is there from the first tick on.
/// - State: a row for each group, one for each bucket of its exact sums, and one for each of its values where an
///   aggregate is DISTINCT, or MIN or MAX of an input with retractions. A group without rows leaves.
/// - Cost: for a tick of n updates O(n) expected, O(n log v) for MIN and MAX over groups of v values.
/// - Errors: 22003 and 22008 where the value to be sent leaves its type: then the group is an error row instead, whose
///   failed aggregates are poisoned, until it mends. A live error row of a known key withholds its group, which is then
///   one error row of that key with all aggregates poisoned; one whose key is poisoned passes, its key as far as it is
///   known. Aggregates of error rows are poisoned.
/// - Source: KERNELS §3, §4 and §6 for the layout of state and the delta; sums of floats are exact, in the manner of
///   Kulisch's accumulator.
package final class Aggregate: Operator {
  private let keys: [Int]
  private let types: [SQLType]
  private let results: [SQLType]
  private let origin: Int64
  var groups: GroupState
  private var counts = OperatorFigures()

  /// - types: of the input's columns.
  /// - isAppendOnly: whether the input never holds a negative weight.
  package init(
    types: [SQLType], keys: [Int], calls: [AggregateCall], isAppendOnly: Bool, space: StateSpace, origin: Int64 = 0
  ) {
    self.keys = keys
    self.types = types
    self.origin = origin
    results = calls.map(\.result)
    groups = GroupState(
      types: types, keys: keys, calls: calls.map { Self.accumulation($0, types) }, isAppendOnly: isAppendOnly, space: space)
  }

  private static func accumulation(_ call: AggregateCall, _ types: [SQLType]) -> Accumulation {
    let function: Accumulation.Function =
      switch call.function {
      case .count: .count
      case .sum: .sum
      case .avg: .average
      case .min: .minimum
      case .max: .maximum
      case .argMin: .argMinimum
      case .argMax: .argMaximum
      }
    return Accumulation(
      function, argument: call.argument.map { ($0, types[$0]) }, key: call.key.map { ($0, types[$0]) },
      isDistinct: call.isDistinct, filter: call.filter, result: call.result)
  }

  package var figures: OperatorFigures {
    var figures = counts
    figures.stateRows = groups.stateRows
    figures.stateBytes = groups.stateBytes
    figures.stateReads = groups.stateReads
    return figures
  }

  package func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand {
    counts.rowsIn += batch.count
    groups.add(batch)
    return .more
  }

  package func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput) {
    let poison = errors.poison
    let unknown = poison.rows(ofAny: Set(keys))
    if !unknown.isEmpty { output.push(passed(errors.gather(Selection(unknown.sorted())))) }
    let known = errors.gather(Selection((0..<errors.rows.count).filter { !unknown.contains($0) }))
    let count = known.rows.count
    if count == 0 { return }
    let error = known.error
    var texts = TextBuilder(capacity: count)
    for row in 0..<count {
      let text = ErrorText(
        state: error[0].text(row), message: error[1].text(row), origin: error[2].value(row, as: Int64.self))
      texts.append(Array(text.encoded.utf8).span)
    }
    groups.addErrors(
      keys: keys.map { known.rows.columns[$0] }, texts: texts.finish(), weights: known.rows.weights, count: count)
  }

  /// Error rows of no group: the key as far as it is known, and poisoned aggregates.
  private func passed(_ errors: ErrorBatch) -> ErrorBatch {
    let count = errors.rows.count, before = errors.poison
    var poison = PoisonBits(width: keys.count + results.count, count: count)
    for row in 0..<count {
      for (position, key) in keys.enumerated() where before.contains(key, row) { poison.set(position, row) }
      for result in results.indices { poison.set(keys.count + result, row) }
    }
    let keyColumns = keys.map { errors.rows.columns[$0].canonical(as: types[$0]) }
    let columns = keyColumns + results.map { Column.allNull($0.physicalType, count: count) }
    return ErrorBatch(
      data: Batch(count: count, columns: columns, weights: errors.rows.weights), poison: poison, error: errors.error)
  }

  package func endTick(into output: inout TickOutput) {
    groups.endTick { changes in
      output.push(changes.data)
      counts.rowsOut += changes.data.count
      pushFailed(changes, into: &output)
      pushWithheld(changes, into: &output)
    }
  }

  private func pushFailed(_ changes: GroupChanges, into output: inout TickOutput) {
    if changes.failed.count == 0 { return }
    let failures = changes.failures.map { failure in
      var rows = RowErrors()
      rows.append(row: failure.row, failure.error)
      return (column: Int?.some(keys.count + failure.column), rows: rows)
    }
    output.push(ErrorBatch(failures, of: changes.failed, origin: origin))
    let live = changes.failures.first { changes.failed.weight($0.row) > 0 }
    output.firstError = output.firstError ?? live?.error
  }

  private func pushWithheld(_ changes: GroupChanges, into output: inout TickOutput) {
    let count = changes.withheld.count
    if count == 0 { return }
    var states = TextBuilder(capacity: count), messages = TextBuilder(capacity: count)
    var origins = ColumnBuilder<Int64>(.int64, capacity: count)
    var poison = PoisonBits(width: keys.count + results.count, count: count)
    for row in 0..<count {
      let error = ErrorText(decoding: changes.errorTexts.text(row))
      states.append(Array(error.state.utf8).span)
      messages.append(Array(error.message.utf8).span)
      origins.append(error.origin)
      for result in results.indices { poison.set(keys.count + result, row) }
    }
    output.push(
      ErrorBatch(data: changes.withheld, poison: poison, error: [states.finish(), messages.finish(), origins.finish()]))
  }
}

/// SQLSTATE, message and origin of an error as one text, by which a group's errors are ordered.
private struct ErrorText {
  var state: String
  var message: String
  var origin: Int64

  init(state: String, message: String, origin: Int64) {
    self.state = state
    self.message = message
    self.origin = origin
  }

  /// A message has no NUL, as no text of PostgreSQL has.
  var encoded: String { "\(state)\0\(message)\0\(origin)" }

  init(decoding text: String) {
    let parts = text.split(separator: "\0", omittingEmptySubsequences: false)
    self.init(
      state: String(parts[0]), message: parts[1..<max(1, parts.count - 1)].joined(separator: "\0"),
      origin: Int64(parts[parts.count - 1]) ?? 0)
  }
}
