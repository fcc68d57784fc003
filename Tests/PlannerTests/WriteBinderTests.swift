import Planner
import SQLCatalog
import SQLSyntax
import SQLTypes
import Testing

private let catalog: TestCatalog = {
  var catalog = TestCatalog.standard
  var d = Relation(
    id: RelationID(20), name: "d", kind: .table,
    columns: [
      Relation.Column(name: "id", type: .integer, isNotNull: true),
      Relation.Column(name: "n", type: .bigint, defaultText: "40 + 2"),
      Relation.Column(name: "label", type: .text, defaultText: "'none'"),
    ])
  d.primaryKey = [0]
  catalog.relations.append(d)
  return catalog
}()

/// What a write is planned as, in text; or its error as `TestCatalog.error` tells it.
private func planned(_ sql: String) -> String {
  func show(_ expressions: [String]) -> String { expressions.joined(separator: ", ") }
  func columns(_ relation: Relation, _ excluded: Bool = false) -> [String] {
    relation.columns.map(\.name) + (excluded ? relation.columns.map { "excluded.\($0.name)" } : [])
  }
  do {
    switch try Parser.parseStatement(sql).kind {
    case .insert(let insert):
      let plan = try WriteBinder.plan(insert, names: catalog)
      #expect(plan.rows.columns.map(\.type) == plan.relation.columns.map(\.type))
      #expect(Array(plan.rows.plan.types.prefix(plan.relation.columns.count)) == plan.relation.columns.map(\.type))
      var lines = [PlanPrinter.print(plan.rows) { catalog.relation($0) }]
      if let conflict = plan.onConflict {
        let key = conflict.key.map { $0.map { plan.relation.columns[$0].name }.joined(separator: ", ") } ?? "any"
        switch conflict.action {
        case .nothing: lines.append("on conflict (\(key)) nothing")
        case .update(let values, let filter):
          let names = columns(plan.relation, true)
          let condition = filter.map { " where " + PlanPrinter.print($0, columns: names) } ?? ""
          lines.append(
            "on conflict (\(key)) " + show(values.map { PlanPrinter.print($0, columns: names) }) + condition)
        }
      }
      if let returning = plan.returning {
        lines.append(
          "returning " + show(returning.expressions.map { PlanPrinter.print($0, columns: columns(plan.relation)) }))
      }
      return lines.joined(separator: "\n")
    case .update(let update):
      let plan = try WriteBinder.plan(update, names: catalog)
      let names = columns(plan.relation)
      let condition = plan.filter.map { " where " + PlanPrinter.print($0, columns: names) } ?? ""
      return show(plan.newValues.map { PlanPrinter.print($0, columns: names) }) + condition
        + " set \(plan.assigned)" + (plan.returning.map { " returning \($0.columns.map(\.name))" } ?? "")
    case .delete(let delete):
      let plan = try WriteBinder.plan(delete, names: catalog)
      let names = columns(plan.relation)
      return (plan.filter.map { "where " + PlanPrinter.print($0, columns: names) } ?? "all")
        + (plan.returning.map { " returning \($0.columns.map(\.name))" } ?? "")
    default: return "no write"
    }
  } catch {
    let bytes = Array(sql.utf8)
    let pointed = error.range.map { String(decoding: bytes[$0.start..<$0.end], as: UTF8.self) } ?? "nowhere"
    return "\(error.state.code) \(error.message) @\(pointed)"
  }
}

private let writes: [(sql: String, plan: String)] = [
  ("INSERT INTO t VALUES (1, 2, 'x')", "Values: (1, 2, 'x')"),
  ("INSERT INTO t VALUES ('1', 2), (3, '4')", "Values: (1, 2, NULL::text), (3, 4, NULL::text)"),
  ("INSERT INTO d (label, id) VALUES (DEFAULT, 1), ('x', 2)", "Values: (1, 42, 'none'), (2, 42, 'x')"),
  ("INSERT INTO d DEFAULT VALUES", "Project: NULL::integer AS #0, 42 AS #1, 'none' AS #2\n  Unit"),
  (
    "INSERT INTO d SELECT a, '7' FROM t ORDER BY s",
    "Sort: s\n  Project: a, 7 AS #1, 'none' AS #2, s\n    Scan: t (a, b, s)"
  ),
  (
    "WITH x AS (SELECT b FROM t) INSERT INTO d (n, id) SELECT b, 1 FROM x LIMIT 1",
    "Project: #1 AS #0, b, 'none' AS #2\n  Top K: limit 1\n    Project: b, 1 AS #1\n      Scan: t (a, b, s)"
  ),
  ("INSERT INTO d VALUES (1) ON CONFLICT DO NOTHING", "Values: (1, 42, 'none')\non conflict (any) nothing"),
  (
    "INSERT INTO d AS e VALUES (1, 2, 'x') ON CONFLICT (id) DO UPDATE SET n = e.n + excluded.n WHERE e.label <> 'k'",
    "Values: (1, 2, 'x')\non conflict (id) id, n + excluded.n, label where label <> 'k'"
  ),
  (
    "INSERT INTO wide VALUES (1) ON CONFLICT (v, k) DO UPDATE SET w = DEFAULT RETURNING id + 1, *",
    "Values: (1, NULL::integer, NULL::bigint, NULL::text, NULL::character varying(20))\n"
      + "on conflict (k, v) id, k, v, NULL::text, name\nreturning id + 1, id, k, v, w, name"
  ),
  ("INSERT INTO d VALUES (1) ON CONFLICT ON CONSTRAINT d_pkey DO NOTHING", "Values: (1, 42, 'none')\non conflict (id) nothing"),
  ("INSERT INTO log VALUES (1, 2, 3)", "Values: (1, 2, 3)"),
  ("UPDATE d SET n = n + id, label = 'x' WHERE id > 1", "id, n + id::bigint, 'x' where id > 1 set [1, 2]"),
  ("UPDATE d SET (label, n) = ('y', DEFAULT) RETURNING n AS m", #"id, 42, 'y' set [2, 1] returning ["m"]"#),
  ("DELETE FROM d AS x WHERE x.id = 1 RETURNING *", #"where id = 1 returning ["id", "n", "label"]"#),
  ("DELETE FROM d", "all"),
  ("INSERT INTO t VALUES (1, 2, 'x', 4)", "42601 INSERT has more expressions than target columns @4"),
  ("INSERT INTO t (a, b) VALUES (1)", "42601 INSERT has more target columns than expressions @b"),
  ("INSERT INTO t (a, b) SELECT 1", "42601 INSERT has more target columns than expressions @b"),
  ("INSERT INTO t VALUES (1), (1, 2)", "42601 VALUES lists must all be the same length @1"),
  ("INSERT INTO t (a, a) VALUES (1, 2)", #"42701 column "a" specified more than once @a"#),
  ("INSERT INTO t (q) VALUES (1)", #"42703 column "q" of relation "t" does not exist @q"#),
  ("INSERT INTO t (a) VALUES (true)", #"42804 column "a" is of type integer but expression is of type boolean @true"#),
  ("INSERT INTO t (a) SELECT s FROM u", #"42804 column "a" is of type integer but expression is of type text @s"#),
  ("INSERT INTO t (a) VALUES ('x')", #"22P02 invalid input syntax for type integer: "x" @'x'"#),
  ("INSERT INTO t (a) VALUES (b)", #"42703 column "b" does not exist @b"#),
  ("INSERT INTO t (a) VALUES (count(*))", "42803 aggregate functions are not allowed in VALUES @count"),
  ("INSERT INTO m VALUES (1)", #"42809 cannot change materialized view "m" @m"#),
  ("INSERT INTO nowhere VALUES (1)", #"42P01 relation "nowhere" does not exist @nowhere"#),
  (
    "INSERT INTO d VALUES (1) ON CONFLICT (n) DO NOTHING",
    "42P10 there is no unique or exclusion constraint matching the ON CONFLICT specification @ON CONFLICT (n) DO NOTHING"
  ),
  (
    "INSERT INTO d VALUES (1) ON CONFLICT DO UPDATE SET n = 1",
    "42601 ON CONFLICT DO UPDATE requires inference specification or constraint name @ON CONFLICT DO UPDATE SET n = 1"
  ),
  (
    "INSERT INTO d VALUES (1) ON CONFLICT ON CONSTRAINT x DO NOTHING",
    #"42704 constraint "x" for table "d" does not exist @x"#
  ),
  ("INSERT INTO d VALUES (1) ON CONFLICT (id) DO UPDATE SET n = n + 1", #"42702 column reference "n" is ambiguous @n"#),
  ("UPDATE d SET q = 1", #"42703 column "q" of relation "d" does not exist @q"#),
  ("UPDATE d SET n = 1, n = 2", #"42601 multiple assignments to same column "n" @n"#),
  ("UPDATE d SET (n, label) = (1, 'x', 2)", "42601 number of columns does not match number of values @(1, 'x', 2)"),
  ("UPDATE d SET n = true", #"42804 column "n" is of type bigint but expression is of type boolean @true"#),
  ("UPDATE d SET n = max(id)", "42803 aggregate functions are not allowed in UPDATE @max"),
  ("UPDATE log SET n = 1", #"42809 cannot update stream "log" @log"#),
  ("UPDATE d SET n = 1 FROM t", "0A000 UPDATE … FROM is not supported @t"),
  ("DELETE FROM d USING t", "0A000 DELETE … USING is not supported @t"),
  ("DELETE FROM d WHERE sum(id) > 1", "42803 aggregate functions are not allowed in WHERE @sum"),
  ("DELETE FROM d RETURNING count(*)", "42803 aggregate functions are not allowed in RETURNING @count"),
]

@Test(arguments: writes)
func writeIsPlannedOrRefused(sql: String, plan: String) { #expect(planned(sql) == plan, "\(sql)") }
