import CFuzzer
import Planner
import SQLCatalog
import SQLSyntax
import SQLTypes

/// SQL text: it parses or is refused with a range inside of it; what is printed parses to the same tree; and binding its
/// queries to a few relations answers or refuses, never traps.
@main
struct FuzzParser {
  static func main() {
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = CommandLine.unsafeArgv
    _ = withUnsafeMutablePointer(to: &arguments) { arguments in
      arguments.withMemoryRebound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.self, capacity: 1) {
        LLVMFuzzerRunDriver(&count, $0) { data, size in
          FuzzParser.run(String(decoding: UnsafeBufferPointer(start: data, count: size), as: UTF8.self))
          return 0
        }
      }
    }
  }

  static func run(_ text: String) {
    for item in Parser.parseScript(text) {
      switch item.result {
      case .failure(let error):
        guard let range = error.range else { preconditionFailure("a syntax error has a place") }
        precondition(range.start >= 0 && range.start <= range.end && range.end <= text.utf8.count, "it lies in the text")
      case .success(let statement):
        check(statement)
        guard case .query(let query) = statement.kind else { continue }
        do throws(SQLError) { _ = try QueryBinder.plan(query, names: Relations()) } catch {
          precondition(error.state.code != "XX000", "a refusal has a code of its own")
        }
      }
    }
  }

  static func check(_ statement: Statement) {
    if Self.isPartlyUnsupported(statement) { return }
    let printed = Printer.print(statement)
    do throws(SQLError) {
      let again = try Parser.parseStatement(printed)
      precondition(again == statement, "what is printed means the same")
    } catch {
      // A text at the limits of nesting may print a parenthesis more.
      precondition(error.state == .statementTooComplex, "what is printed parses")
    }
  }

  /// EXPLAIN or PREPARE of a statement that is recognised only cannot be printed in full.
  static func isPartlyUnsupported(_ statement: Statement) -> Bool {
    switch statement.kind {
    case .unsupported: true
    case .explain(let explain): isPartlyUnsupported(explain.statement)
    case .prepare(_, _, let inner): isPartlyUnsupported(inner)
    case .copy(let copy): if case .query(let inner) = copy.source { isPartlyUnsupported(inner) } else { false }
    default: false
    }
  }
}

/// t(a, b, s) and u(a, c).
private struct Relations: RelationNames {
  private static let all = [
    Relation(
      id: RelationID(1), name: "t", kind: .table,
      columns: [.init(name: "a", type: .integer), .init(name: "b", type: .bigint), .init(name: "s", type: .text)]),
    Relation(id: RelationID(2), name: "u", kind: .table, columns: [.init(name: "a", type: .bigint), .init(name: "c", type: .boolean)]),
  ]
  func relation(schema: String?, name: String) -> Relation? { Self.all.first { $0.name == name && schema ?? "public" == "public" } }
  var visibleNames: [String] { Self.all.map(\.name) }
}
