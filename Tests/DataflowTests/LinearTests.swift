import Columnar
import Expressions
import RowTestSupport
import SQLTypes
import TestSupport
import Testing

@testable import Dataflow

/// `100 / column`, which fails on 0 and is null on null.
private func quotient(of index: Int) -> BoundExpression {
  let function = ScalarFunction("/", [.bigint, .bigint], .bigint) { arguments, count in
    var builder = ColumnBuilder<Int64>(.int64, capacity: count)
    var errors: [(row: Int, error: SQLError)] = []
    for row in 0..<count {
      let divisor = arguments[1].value(row, as: Int64.self)
      if arguments[1].isNull(row) {
        builder.appendNull()
      } else if divisor == 0 {
        builder.append(77)
        errors.append((row, .divisionByZero()))
      } else {
        builder.append(100 / divisor)
      }
    }
    return FunctionOutput(builder.finish(), errors: errors)
  }
  let hundred = BoundExpression.constant(.constant(Int64(100), .int64, count: 1), .bigint)
  return .call(function, [hundred, .column(index, .bigint)], SourceRange(0, 1))
}

/// `100 / column > 10`
private func isSmall(_ index: Int) -> BoundExpression {
  let function = ScalarFunction(">", [.bigint, .bigint], .boolean) { arguments, count in
    FunctionOutput(Column.compare(.greater, arguments[0], arguments[1]))
  }
  let ten = BoundExpression.constant(.constant(Int64(10), .int64, count: 1), .bigint)
  return .call(function, [quotient(of: index), ten], SourceRange(0, 1))
}

private let types: [SQLType] = [.bigint, .bigint]

private func integers(_ random: inout SeededRandom) -> Row {
  (0..<2).map { _ in [.integer(0), .integer(5), .integer(50), .null][Int(random.next() % 4)] }
}

@Suite struct LinearTests {
  @Test(arguments: 0..<10) func filterKeepsWhatIsTrueOrUnknown(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let node = Filter(isSmall(1), origin: 9)
    let input = (0..<200).map { _ in (row: integers(&random), weight: Int64(random.next() % 5) - 2) }
    let failed = (0..<60).map { _ in (row: randomIntegerError(&random), weight: Int64(random.next() % 5) - 2) }
    var output = Integral()
    output.add(runTick(node, input, failed, types, &random), types)
    var expected = Integral()
    for (row, weight) in input {
      if row[1] == .integer(5) { expected.data[row, default: 0] += weight }
      if row[1] == .integer(0) {
        expected.errors[ErrorRow(cells: row, state: "22012", message: "division by zero", origin: 9), default: 0] += weight
      }
    }
    for (row, weight) in failed where row.cells[1] == nil || row.cells[1] == .integer(5) || row.cells[1] == .integer(0) {
      expected.errors[row, default: 0] += weight
    }
    #expect(output.data == expected.data.filter { $0.value != 0 })
    #expect(output.errors == expected.errors.filter { $0.value != 0 })
    #expect(node.figures.rowsIn == 200)
  }

  @Test(arguments: 0..<10) func projectPoisonsWhatFailed(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let node = Project([quotient(of: 1), .column(0, .bigint), quotient(of: 0)], origin: 9)
    let outTypes: [SQLType] = [.bigint, .bigint, .bigint]
    let input = (0..<200).map { _ in (row: integers(&random), weight: Int64(random.next() % 5) - 2) }
    let failed = (0..<60).map { _ in (row: randomIntegerError(&random), weight: Int64(random.next() % 5) - 2) }
    func divided(_ cell: Cell?) -> Cell? {
      switch cell {
      case .integer(let value)?: value == 0 ? nil : .integer(100 / value)
      default: cell
      }
    }
    var output = Integral(), expected = Integral()
    output.add(runTick(node, input, failed, types, &random), outTypes)
    for (row, weight) in input {
      let cells = [divided(row[1]), row[0], divided(row[0])]
      if cells.contains(nil) {
        expected.errors[ErrorRow(cells: cells, state: "22012", message: "division by zero", origin: 9), default: 0] += weight
      } else {
        expected.data[cells.compactMap { $0 }, default: 0] += weight
      }
    }
    for (row, weight) in failed {
      var copy = row
      copy.cells = [divided(row.cells[1]), row.cells[0], divided(row.cells[0])]
      expected.errors[copy, default: 0] += weight
    }
    #expect(output.data == expected.data.filter { $0.value != 0 })
    #expect(output.errors == expected.errors.filter { $0.value != 0 })
  }

  @Test func unionPassesEverything() {
    let node = UnionAll(inputCount: 3)
    var output = TickOutput()
    let row: Row = [.integer(1), .null]
    for port in 0..<3 {
      _ = node.push(batch([(row, Int64(port + 1))], types), port: port, into: &output)
      node.push(
        ErrorBatch.of([(ErrorRow(cells: [nil, .null], state: "22012", message: "m", origin: 1), 1)], types), port: port,
        into: &output)
    }
    node.endTick(into: &output)
    var integral = Integral()
    integral.add(output, types)
    #expect(integral.data == [row: 6] && integral.errors.values.first == 3 && integral.errors.count == 1)
  }

  private func randomIntegerError(_ random: inout SeededRandom) -> ErrorRow {
    let cells: [Cell?] = integers(&random).map { random.next() % 3 == 0 ? nil : $0 }
    return ErrorRow(cells: cells, state: "22003", message: "bigint out of range", origin: 4)
  }
}
