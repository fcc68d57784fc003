import Columnar
import Expressions
import Planner
import SQLCatalog
import SQLTypes

@testable import Engine

/// Three rows for any relation, and values for any parameter. Columns of keys hold another value in each row.
enum SampleRows {
  static let samples: [(type: SQLType, texts: [String])] = [
    (.boolean, ["t", "f"]), (.smallint, ["1", "-32768", "32767"]), (.integer, ["1", "2", "-2147483648", "2147483647", "0"]),
    (.bigint, ["1", "2", "-9223372036854775808", "9223372036854775807", "0"]), (.oid, ["1", "1259", "4294967295"]),
    (.real, ["1.5", "NaN", "-Infinity", "3e38"]), (.double, ["1.5", "-0", "NaN", "Infinity", "1e308"]),
    (.numeric(nil), ["1.50", "NaN", "-99999999999999999999999999999999999999", "0.000001"]),
    (.text, ["a", "", "é😀", "2024-01-01", "10"]), (.date, ["2024-02-29", "infinity", "0001-01-01 BC", "5874897-12-31"]),
    (.timestamp, ["2024-02-29 12:00:00", "-infinity", "294276-12-31 23:59:59.999999", "4713-01-01 00:00:00 BC"]),
    (.timestamptz, ["2024-02-29 12:00:00+00", "infinity", "2000-01-01 00:00:00.5+14"]),
    (.interval, ["1 day", "-178000000 years", "1 month -1 day 00:00:00.000001", "0"]),
  ]

  private static func texts(of type: SQLType) -> [String] {
    samples.first { $0.type.baseName == type.baseName }?.texts ?? ["a", "", "1 2"]
  }

  /// A constant of one row.
  static func value(_ type: SQLType, _ number: Int) throws(SQLError) -> BoundExpression {
    let texts = texts(of: type)
    let text = texts[number % texts.count]
    if type.physicalType == .text { return .constant(.constant(text: text, count: 1), type) }
    do throws(SQLError) { return .constant(try Session.value(of: text, as: type), type) } catch { return .null(type) }
  }

  static func plan(of relation: Relation) throws(SQLError) -> LogicalPlan {
    let keys = Set(relation.primaryKey + relation.uniqueKeys.flatMap { $0 })
    let rowCount = keys.isEmpty ? 3 : min(3, keys.map { texts(of: relation.columns[$0].type).count }.min() ?? 3)
    var rows: [[BoundExpression]] = []
    for row in 0..<rowCount {
      var values: [BoundExpression] = []
      for (number, column) in relation.columns.enumerated() {
        let isKey = keys.contains(number)
        let choice = isKey ? row : row + number + Int(relation.id.rawValue % 7)
        values.append(!isKey && !column.isNotNull && choice % 4 == 3 ? .null(column.type) : try value(column.type, choice))
      }
      rows.append(values)
    }
    return .values(rows, relation.columns.map(\.type))
  }

  /// How many rows an operator of the plan may give at most; nil for more than a few thousand.
  static func size(of plan: LogicalPlan) -> Int? {
    let size: Int?
    switch plan {
    case .unit: size = 1
    case .values(let rows, _): size = rows.count
    case .scan: size = 3
    case .filter(let input, _), .project(let input, _), .distinct(let input), .topK(let input, _, _, _): size = self.size(of: input)
    case .windows(let input, let windows): size = self.size(of: input).map { $0 * Int(windows.windowsPerRow) }
    case .aggregate(let input, _, _): size = self.size(of: input).map { max($0, 1) }
    case .unionAll(let inputs): size = inputs.reduce(0 as Int?) { sum, input in
      guard let sum, let next = self.size(of: input) else { return nil }
      return sum + next
    }
    case .join(let join):
      guard let left = self.size(of: join.left), let right = self.size(of: join.right) else { return nil }
      size = max(left, 1) * max(right, 1)
    }
    guard let size, size <= 5_000 else { return nil }
    return size
  }
}
