import Foundation
import SQLTypes
import ReferenceModel
import TestSupport
import Testing

/// The work of a change is in proportion to the change: per node and change at most 32 rows read from state for each row that
/// came in or went out, and 64.
private func bound(rowsIn: Int, rowsOut: Int) -> Int { 32 * (rowsIn + rowsOut) + 64 }

/// Sizes of a run: small in `make test`, the issue's own in a long run, whose count is that of the plans.
private let isLong = LongRun.current != nil
private let planCount = LongRun.current?.count ?? 12
private let rowCount = isLong ? 100_000 : 4_000
private let changeCount = isLong ? 200 : 40

/// A table whose rows share few values, and the numbers of its rows.
private struct LargeTable {
  let name: String
  private(set) var ids: [Int32] = []
  private var nextID: Int32 = 0

  init(name: String) { self.name = name }

  static let columns: [(name: String, type: SQLType, isSelective: Bool)] = [
    ("id", .integer, true), ("k", .integer, true), ("b", .bigint, true), ("t", .text, true),
    ("n", .numeric(.init(precision: 8, scale: 2)), false), ("f", .double, false), ("d", .date, false),
  ]

  var createStatement: String {
    "CREATE TABLE \(name) (\(Self.columns.map { "\($0.name) \($0.type.name)" }.joined(separator: ", ")), PRIMARY KEY (id))"
  }

  var source: QuerySource {
    QuerySource(
      name: name, columns: Self.columns.map { QueryColumn(sql: $0.name, type: $0.type, isSelective: $0.isSelective) },
      rowEstimate: rowCount)
  }

  private static func values(_ random: inout SeededRandom) -> [String] {
    func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }
    return [
      below(20) == 0 ? "NULL" : "\(below(rowCount))", "CAST(\(below(rowCount)) AS bigint)", "'a text with number \(below(rowCount))'",
      "\(below(1000)).\(below(10))0", "CAST('\(below(100))' AS double precision)", "DATE '2024-01-01' + \(below(300))",
    ]
  }

  mutating func tuple(_ random: inout SeededRandom) -> String {
    let id = nextID
    nextID += 1
    ids.append(id)
    return "(\(id), \(Self.values(&random).joined(separator: ", ")))"
  }

  mutating func change(_ random: inout SeededRandom) -> String {
    switch Int.random(in: 0..<3, using: &random) {
    case 0: return "INSERT INTO \(name) VALUES \(tuple(&random))"
    case 1:
      let id = ids.remove(at: Int.random(in: ids.indices, using: &random))
      return "DELETE FROM \(name) WHERE id = \(id)"
    default:
      let column = Int.random(in: 1..<Self.columns.count, using: &random)
      let value = Self.values(&random)[column - 1]
      return "UPDATE \(name) SET \(Self.columns[column].name) = \(value) WHERE id = \(ids.randomElement(using: &random) ?? 0)"
    }
  }
}

/// What each operator of a view has done so far, by its name and place.
private func figures(_ engine: EngineUnderTest, _ view: String) throws(SQLError) -> [(operator: String, figures: [Int])] {
  try engine.run("SELECT operator, rows_in, rows_out, state_reads FROM leat.operators WHERE view = '\(view)'").map { row in
    (row[0] ?? "", row.dropFirst().map { $0.flatMap { Int($0) } ?? 0 })
  }
}

@Test
func theWorkOfAChangeIsInProportionToTheChange() throws {
  let engine = try EngineUnderTest()
  var random = SeededRandom(seed: LongRun.current?.seed ?? 3)
  var tables = [LargeTable(name: "large1"), LargeTable(name: "large2")]
  for index in tables.indices {
    _ = try engine.run(tables[index].createStatement)
    for _ in 0..<rowCount / 1000 {
      let tuples = (0..<1000).map { _ in tables[index].tuple(&random) }
      _ = try engine.run("INSERT INTO \(tables[index].name) VALUES \(tuples.joined(separator: ", "))")
    }
  }
  for plan in 0..<planCount {
    var generator = QueryGenerator(sources: tables.map(\.source), isLarge: true, Choices(seed: (LongRun.current?.seed ?? 0) + UInt64(plan)))
    let query = generator.query(depth: 1 + plan % 2)
    do throws(SQLError) {
      _ = try engine.run("CREATE MATERIALIZED VIEW v AS \(query.sql)")
      var before = try figures(engine, "v")
      #expect(!before.isEmpty, "plan \(plan): leat.operators has no row of the view")
      for _ in 0..<changeCount {
        let change = tables[Int.random(in: 0..<2, using: &random)].change(&random)
        _ = try engine.run(change)
        let after = try figures(engine, "v")
        for (old, new) in zip(before, after) where old.operator == new.operator {
          let (rowsIn, rowsOut, reads) =
            (new.figures[0] - old.figures[0], new.figures[1] - old.figures[1], new.figures[2] - old.figures[2])
          if reads > bound(rowsIn: rowsIn, rowsOut: rowsOut) {
            Issue.record("plan \(plan): \(new.operator) read \(reads) rows for \(rowsIn) in and \(rowsOut) out: \(change)\n\(query.sql)")
          }
        }
        before = after
      }
      _ = try engine.run("DROP MATERIALIZED VIEW v")
    } catch {
      Issue.record("plan \(plan): \(error.state.code) \(error.message): \(query.sql)")
      return
    }
  }
}
