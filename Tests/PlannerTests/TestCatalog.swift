import Planner
import SQLCatalog
import SQLSyntax
import SQLTypes

/// A few relations to plan against.
struct TestCatalog: RelationNames {
  var relations: [Relation]

  func relation(schema: String?, name: String) -> Relation? {
    relations.first { $0.name == name && (schema == nil || $0.schema == schema) }
  }
  var visibleNames: [String] { relations.map(\.name) }

  func relation(_ id: RelationID) -> Relation? { relations.first { $0.id == id } }

  /// t(a, b, s), u(a, c, s), wide(id primary key, k, v, w, name), log(at, k, n): a stream; v: a view over t,
  /// payments(account, amount, cents, weight, paid_at): a stream.
  static let standard: TestCatalog = {
    func column(_ name: String, _ type: SQLType, _ isNotNull: Bool = false) -> Relation.Column {
      Relation.Column(name: name, type: type, isNotNull: isNotNull)
    }
    let t = Relation(
      id: RelationID(1), name: "t", kind: .table,
      columns: [column("a", .integer), column("b", .bigint), column("s", .text)])
    let u = Relation(
      id: RelationID(2), name: "u", kind: .table,
      columns: [column("a", .bigint), column("c", .integer), column("s", .text)])
    var wide = Relation(
      id: RelationID(3), name: "wide", kind: .table,
      columns: [
        column("id", .integer, true), column("k", .integer), column("v", .bigint), column("w", .text),
        column("name", .varchar(20)),
      ])
    wide.primaryKey = [0]
    wide.uniqueKeys = [[1, 2]]
    var log = Relation(
      id: RelationID(4), name: "log", kind: .stream,
      columns: [column("at", .bigint), column("k", .integer), column("n", .integer)])
    log.isAppendOnly = true
    var v = Relation(id: RelationID(5), name: "v", kind: .view, columns: [column("x", .integer), column("total", .bigint)])
    v.definition = "SELECT a, count(*) FROM t GROUP BY a"
    var broken = Relation(id: RelationID(6), name: "broken", kind: .view, columns: [column("x", .integer)])
    broken.definition = "SELECT missing FROM t"
    var m = Relation(
      id: RelationID(7), name: "m", kind: .materializedView, columns: [column("k", .integer), column("total", .bigint)])
    m.definition = "SELECT k, count(*) FROM wide GROUP BY k"
    m.uniqueKeys = [[0]]
    var payments = Relation(
      id: RelationID(8), name: "payments", kind: .stream,
      columns: [
        column("account", .text), column("amount", .integer), column("cents", .numeric(.init(precision: 12, scale: 2))),
        column("weight", .double), column("paid_at", .timestamptz),
      ])
    payments.isAppendOnly = true
    return TestCatalog(relations: [t, u, wide, log, v, broken, m, payments])
  }()

  /// The plan of a query; without rules, it is as the binder makes it.
  func query(_ sql: String, appliesRules: Bool = false) throws -> PlannedQuery {
    guard case .query(let query) = try Parser.parseStatement(sql).kind else { preconditionFailure("a query: \(sql)") }
    return try QueryBinder.plan(query, names: self, options: PlannerOptions(appliesRules: appliesRules))
  }

  /// The error of a query: `42703 message @text`, where `text` is what it points at; `no error` if it has none.
  func error(_ sql: String) -> String {
    do {
      _ = try query(sql)
      return "no error"
    } catch let error as SQLError {
      let bytes = Array(sql.utf8)
      let pointed = error.range.map { String(decoding: bytes[$0.start..<$0.end], as: UTF8.self) } ?? "nowhere"
      return "\(error.state.code) \(error.message) @\(pointed)"
    } catch { return "\(error)" }
  }
}
