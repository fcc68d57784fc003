package import SQLCatalog
package import Expressions
import SQLTypes

/// Writes a plan as a tree of text, one line for each node, its inputs below it and further in.
///
/// ```
/// Project: account, count + 1 AS #1
///   Aggregate: account; count(*) AS count
///     Scan: payments (account, amount)
/// ```
/// A column is shown by its name where that is the only one in its rows, else as `name#number` or `#number`.
package struct PlanPrinter {
  private let relation: (RelationID) -> Relation?
  private var lines: [String] = []

  /// - relation: the relation that a scan reads, for its name and its columns' names.
  package static func print(_ plan: LogicalPlan, relation: (RelationID) -> Relation?) -> String {
    withoutActuallyEscaping(relation) { relation in
      var printer = PlanPrinter(relation: relation)
      _ = printer.add(plan, depth: 0)
      return printer.lines.joined(separator: "\n")
    }
  }

  /// A query's plan, and the order in which a SELECT gives its rows.
  package static func print(_ query: PlannedQuery, relation: (RelationID) -> Relation?) -> String {
    withoutActuallyEscaping(relation) { relation in
      var printer = PlanPrinter(relation: relation)
      if query.order.isEmpty {
        _ = printer.add(query.plan, depth: 0)
      } else {
        printer.lines.append("")
        let columns = printer.add(query.plan, depth: 1)
        printer.lines[0] = "Sort: \(Self.order(query.order, columns))"
      }
      return printer.lines.joined(separator: "\n")
    }
  }

  /// An expression over columns of these names.
  package static func print(_ expression: BoundExpression, columns: [String]) -> String {
    ExpressionText(columns: columns).text(expression)
  }

  private init(relation: @escaping (RelationID) -> Relation?) { self.relation = relation }

  /// Adds a node's lines.
  ///
  /// - Returns: its columns' names, as nodes above it show them.
  private mutating func add(_ plan: LogicalPlan, depth: Int) -> [String] {
    let line = lines.count
    lines.append("")
    func set(_ text: String) { lines[line] = String(repeating: "  ", count: depth) + text }
    switch plan {
    case .unit:
      set("Unit")
      return []
    case .values(let rows, let types):
      let shown = rows.prefix(4).map { "(\(Self.list($0, [])))" } + (rows.count > 4 ? ["… \(rows.count) rows"] : [])
      set("Values: " + shown.joined(separator: ", "))
      return Self.shown(types.indices.map { "column\($0 + 1)" })
    case .scan(let id, let types):
      let known = relation(id)
      let columns = Self.shown(types.indices.map { known?.columns[$0].name ?? "" })
      set("Scan: \(known?.name ?? "relation \(id.rawValue)") (\(columns.joined(separator: ", ")))")
      return columns
    case .filter(let input, let condition):
      let columns = add(input, depth: depth + 1)
      set("Filter: " + ExpressionText(columns: columns).text(condition))
      return columns
    case .project(let input, let expressions):
      let columns = add(input, depth: depth + 1)
      let text = ExpressionText(columns: columns)
      let names = Self.shown(
        expressions.map { if case .column(let index, _) = $0 { Self.bare(columns[index]) } else { "" } })
      let items = zip(expressions, names).map { expression, name in
        let shown = text.text(expression)
        return shown == name ? shown : "\(shown) AS \(name)"
      }
      set(items.isEmpty ? "Project" : "Project: " + items.joined(separator: ", "))
      return names
    case .windows(let input, let windows):
      let columns = add(input, depth: depth + 1)
      let names = Self.shown(columns.map(Self.bare) + ["window_start"])
      set("\(windows.isTumbling ? "Tumble" : "Hop"): \(Self.windows(windows, columns)) AS \(names[columns.count])")
      return names
    case .unionAll(let inputs):
      var columns: [String] = []
      for (index, input) in inputs.enumerated() {
        let names = add(input, depth: depth + 1)
        if index == 0 { columns = names }
      }
      set("Union All")
      return columns
    case .distinct(let input):
      let columns = add(input, depth: depth + 1)
      set("Distinct")
      return columns
    case .aggregate(let input, let keys, let calls):
      let columns = add(input, depth: depth + 1)
      let names = Self.shown(keys.map { Self.bare(columns[$0]) } + calls.map(\.function.rawValue))
      let items = zip(calls, names.dropFirst(keys.count)).map { call, name in "\(Self.call(call, columns)) AS \(name)" }
      let grouped = keys.map { columns[$0] }.joined(separator: ", ")
      set("Aggregate: " + [grouped, items.joined(separator: ", ")].filter { !$0.isEmpty }.joined(separator: "; "))
      return names
    case .join(let join):
      let left = add(join.left, depth: depth + 1)
      let right = add(join.right, depth: depth + 1)
      let columns = Self.shown((left + right).map(Self.bare))
      let keys = join.keys.map { "\(columns[$0.left]) = \(columns[left.count + $0.right])" }
      let residual = join.residual.map { ["where " + ExpressionText(columns: columns).text($0)] } ?? []
      let kind = join.kind == .left ? "Left Join" : keys.isEmpty && residual.isEmpty ? "Cross Join" : "Inner Join"
      let conditions = [keys.joined(separator: ", ")].filter { !$0.isEmpty } + residual
      set(kind + (conditions.isEmpty ? "" : ": " + conditions.joined(separator: "; ")))
      return columns
    case .topK(let input, let order, let limit, let offset):
      let columns = add(input, depth: depth + 1)
      let parts =
        [Self.order(order, columns)].filter { !$0.isEmpty } + (limit.map { ["limit \($0)"] } ?? [])
        + (offset > 0 ? ["offset \(offset)"] : [])
      set("Top K: " + parts.joined(separator: "; "))
      return columns
    }
  }

  private static func list(_ expressions: [BoundExpression], _ columns: [String]) -> String {
    let text = ExpressionText(columns: columns)
    return expressions.map { text.text($0) }.joined(separator: ", ")
  }

  private static func call(_ call: AggregateCall, _ columns: [String]) -> String {
    let argument = call.argument.map { (call.isDistinct ? "DISTINCT " : "") + columns[$0] } ?? "*"
    let key = call.key.map { ", " + columns[$0] } ?? ""
    let filter = call.filter.map { " FILTER (WHERE \(columns[$0]))" } ?? ""
    return "\(call.function.rawValue)(\(argument)\(key))\(filter)"
  }

  private static func windows(_ windows: TimeWindows, _ columns: [String]) -> String {
    func interval(_ microseconds: Int64) -> String { Interval(microseconds: microseconds).sqlText }
    return columns[windows.time] + (windows.isTumbling ? "" : "; slide \(interval(windows.slide))")
      + "; size \(interval(windows.size))" + (windows.offset == 0 ? "" : "; offset \(interval(windows.offset))")
  }

  private static func order(_ keys: [SortKey], _ columns: [String]) -> String {
    keys.map { key in
      let nulls = key.nullsFirst == key.isDescending ? "" : key.nullsFirst ? " NULLS FIRST" : " NULLS LAST"
      return columns[key.column] + (key.isDescending ? " DESC" : "") + nulls
    }.joined(separator: ", ")
  }

  /// A name without the number that made it the only one.
  private static func bare(_ name: String) -> String { String(name.prefix { $0 != "#" }) }

  private static func shown(_ names: [String]) -> [String] {
    var counts: [String: Int] = [:]
    for name in names { counts[name, default: 0] += 1 }
    return names.enumerated().map { index, name in
      name.isEmpty || counts[name] ?? 0 > 1 ? "\(name)#\(index)" : name
    }
  }
}
