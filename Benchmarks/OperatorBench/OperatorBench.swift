// Operators with their output as a delta, a tick of 4,096 rows at a time, over random keys.
//
//     BENCH=1 swift run -c release OperatorBench [case [groups [rows]]]
//
// Cases: `group` (count and sum of a bigint by a bigint key), `max` (the same and max, half of the rows retractions),
// `distinct` (two fifths retractions), `sumdouble`, `sumnumeric`. Printed is the CPU time of the thread for each row of
// input, without that of making it. KERNELS §11 has the targets.
import Columnar
import Dataflow
import Expressions
import Platform
import SQLTypes
import StateMemory

private struct Random {
  var state: UInt64 = 42

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state >> 33) ^ state >> 11
  }
}

/// Batches of (key, value, weight) that `next` draws.
private func batches(
  _ rows: Int, _ valueType: SQLType, _ next: () -> (key: Int64, value: Int64, weight: Int64)
) -> [Batch] {
  stride(from: 0, to: rows, by: Batch.targetRowCount).map { first in
    let count = min(Batch.targetRowCount, rows - first)
    var keys = ColumnBuilder<Int64>(.int64, capacity: count), weights = ColumnBuilder<Int64>(.int64, capacity: count)
    var integers = ColumnBuilder<Int64>(.int64, capacity: count)
    var doubles = ColumnBuilder<Double>(.float64, capacity: count)
    var numerics = ColumnBuilder<NumericCell>(.numeric, capacity: count)
    for _ in 0..<count {
      let row = next()
      keys.append(row.key)
      weights.append(row.weight)
      switch valueType {
      case .double: doubles.append(Double(row.value) / 3)
      case .numeric: numerics.append(NumericCell(Numeric(unscaled: Int128(row.value), scale: 2)))
      default: integers.append(row.value)
      }
    }
    let values =
      switch valueType {
      case .double: doubles.finish()
      case .numeric: numerics.finish()
      default: integers.finish()
      }
    return Batch(count: count, columns: [keys.finish(), values], weights: weights.finish())
  }
}

private func run(_ name: String, _ groups: Int, _ node: any Operator, _ batches: [Batch]) {
  var rows = 0, sent = 0
  let before = threadCPUNanoseconds
  for batch in batches {
    var output = TickOutput()
    _ = node.push(batch, port: 0, into: &output)
    node.endTick(into: &output)
    rows += batch.count
    for batch in output.batches { sent += batch.count }
  }
  let nanoseconds = Double(threadCPUNanoseconds - before) / Double(rows)
  let megarows = (10_000 / nanoseconds).rounded() / 10
  print(
    "\(name), \(groups) groups: \((nanoseconds * 10).rounded() / 10) ns/row, \(megarows) M rows/s, "
      + "\((Double(sent) / Double(rows) * 100).rounded() / 100) rows out for each in, "
      + "\(node.figures.stateBytes >> 20) MiB for \(node.figures.stateRows) rows")
}

@main
private struct OperatorBench {
  static func main() {
    let arguments = CommandLine.arguments
    let only = arguments.count > 1 ? arguments[1] : nil
    let onlyGroups = arguments.count > 2 ? Int(arguments[2]) : nil
    for groups in [1000, 100_000, 5_000_000] where onlyGroups == nil || onlyGroups == groups {
      for name in ["group", "max", "distinct", "sumdouble", "sumnumeric"] where only == nil || only == name {
        measure(name, groups)
      }
    }
  }

  private static func measure(_ name: String, _ groups: Int) {
    let arguments = CommandLine.arguments
    var random = Random()
    let rows = arguments.count > 3 ? Int(arguments[3]) ?? 0 : name == "group" ? 8_000_000 : 3_000_000
    let valueType: SQLType = name == "sumdouble" ? .double : name == "sumnumeric" ? .numeric(nil) : .bigint
    var live: [(Int64, Int64)] = []
    let retracted = name == "max" ? 50 : name == "distinct" ? 40 : 0
    let input = batches(rows, valueType) {
      if retracted > 0, live.count > min(10 * groups, rows / 4), random.next() % 100 < retracted {
        let (key, value) = live.swapRemove(Int(random.next() % UInt64(live.count)))
        return (key, value, -1)
      }
      let key = Int64(random.next() % UInt64(groups))
      let value = name == "distinct" ? 0 : Int64(random.next() % 100_000)
      if retracted > 0 { live.append((key, value)) }
      return (key, value, 1)
    }
    let types: [SQLType] = [.bigint, valueType]
    let space = StateSpace()
    if name == "distinct" {
      run(name, groups, Distinct(types: types, space: space), input)
      return
    }
    let sumType: SQLType = valueType == .double ? .double : .numeric(nil)
    var calls = [AggregateCall(.count, argument: nil, result: .bigint), AggregateCall(.sum, argument: 1, result: sumType)]
    if name == "max" { calls.append(AggregateCall(.max, argument: 1, result: .bigint)) }
    let node = Aggregate(types: types, keys: [0], calls: calls, isAppendOnly: retracted == 0, space: space)
    run(name, groups, node, input)
  }
}

extension Array {
  /// Removes an element, whose place the last one takes.
  fileprivate mutating func swapRemove(_ index: Int) -> Element {
    swapAt(index, count - 1)
    return removeLast()
  }
}
