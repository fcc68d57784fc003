// CrashWorkload: writes whose outcome a model knows, for tests that end an engine without warning.
//
// - step: a statement, or a transaction, that is acknowledged as one.
// - writer: one session's steps, on relations of its own and on its rows of one shared table.
package import Engine
package import SQLTypes
import TestSupport

/// One writer's steps, which are a function of the seed and of the writer: to know what an engine must hold after n steps,
/// take n steps without it.
package struct Workload: Sendable {
  package let writer: Int
  package private(set) var steps = 0
  private var model = Model()
  private var random: SeededRandom
  private var nextNote = 0

  /// Run before any writer begins.
  package static let preparation = "CREATE TABLE IF NOT EXISTS notes (writer int, note int, PRIMARY KEY (writer, note))"

  private static let kinds = ["a", "b", "c", "d", "e", "f"]

  /// Takes `steps` steps.
  package init(writer: Int, seed: UInt64, steps: Int = 0) {
    self.writer = writer
    random = SeededRandom(seed: seed &* 31 &+ UInt64(writer))
    for _ in 0..<steps { _ = next() }
  }

  /// Takes a step.
  ///
  /// - Returns: the statements that do it in an engine.
  package mutating func next() -> [String] {
    defer { steps += 1 }
    let names = ["accounts", "events", "totals", "pairs", "owners", "clicks", "clicked"]
    if steps < names.count { return [create(names[steps])] }
    switch random.next() % 20 {
    case 0: return ["CREATE OR REPLACE MATERIALIZED VIEW totals_\(writer) AS \(query("totals") ?? "")"]
    case 1:
      if !model.relations.contains("owners") { return [create("owners")] }
      model.relations.remove("owners")
      return ["DROP MATERIALIZED VIEW owners_\(writer)"]
    case 2:
      for name in ["clicks", "clicked"] where !model.relations.contains(name) { return [create(name)] }
      model.relations.subtract(["clicks", "clicked"])
      model.clicks = []
      return ["DROP STREAM clicks_\(writer) CASCADE"]
    case 3...8:
      var changed = model
      let count = 2 + random.next() % 4
      let statements = (0..<count).map { _ in change(&changed) }
      if random.next() % 6 == 0 { return ["BEGIN"] + statements + ["ROLLBACK"] }
      model = changed
      return ["BEGIN"] + statements + ["COMMIT"]
    default:
      var changed = model
      let statement = change(&changed)
      model = changed
      return [statement]
    }
  }

  private mutating func create(_ name: String) -> String {
    model.relations.insert(name)
    switch name {
    case "accounts": return "CREATE TABLE accounts_\(writer) (id int PRIMARY KEY, owner text NOT NULL, balance int NOT NULL)"
    case "events": return "CREATE TABLE events_\(writer) (kind text, amount int)"
    case "clicks": return "CREATE STREAM clicks_\(writer) (number int NOT NULL, kind text)"
    default: return "CREATE MATERIALIZED VIEW \(name)_\(writer) AS \(query(name) ?? "")"
    }
  }

  /// A view's query; nil for a table.
  private func query(_ name: String) -> String? {
    switch name {
    case "totals": "SELECT owner, count(*) AS n, sum(balance) AS total FROM accounts_\(writer) GROUP BY owner"
    case "pairs": "SELECT a.id, e.amount FROM accounts_\(writer) a JOIN events_\(writer) e ON a.owner = e.kind"
    case "clicked": "SELECT kind, count(*) AS n, max(number) AS last FROM clicks_\(writer) GROUP BY kind"
    case "owners": "SELECT DISTINCT owner FROM accounts_\(writer)"
    default: nil
    }
  }

  private mutating func number(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
  private mutating func kind() -> String { Self.kinds[number(Self.kinds.count)] }

  /// A statement, whose effect `model` then has.
  private mutating func change(_ model: inout Model) -> String {
    switch number(model.relations.contains("clicks") ? 13 : 10) {
    case 0, 1, 2:
      let free = (0..<40).filter { model.accounts[$0] == nil }
      if free.isEmpty { return delete(number(20), &model) }
      var values: [String] = []
      for id in Set((0...number(3)).map { _ in free[number(free.count)] }).sorted() {
        let account = Model.Account(owner: kind(), balance: number(1000))
        model.accounts[id] = account
        values.append("(\(id), '\(account.owner)', \(account.balance))")
      }
      return "INSERT INTO accounts_\(writer) VALUES \(values.joined(separator: ", "))"
    case 3:
      let (divisor, added) = (1 + number(9), number(50))
      for id in model.accounts.keys where id % divisor == 0 { model.accounts[id]?.balance += added }
      return "UPDATE accounts_\(writer) SET balance = balance + \(added) WHERE id % \(divisor) = 0"
    case 4:
      let (id, owner) = (number(40), kind())
      model.accounts[id]?.owner = owner
      return "UPDATE accounts_\(writer) SET owner = '\(owner)' WHERE id = \(id)"
    case 5: return delete(number(40), &model)
    case 6, 7:
      if model.events.values.reduce(0, +) > 60 {
        let kind = kind()
        model.events = model.events.filter { $0.key.kind != kind }
        return "DELETE FROM events_\(writer) WHERE kind = '\(kind)'"
      }
      let rows = (0...number(3)).map { _ in Model.Event(kind: kind(), amount: number(6)) }
      for row in rows { model.events[row, default: 0] += 1 }
      return "INSERT INTO events_\(writer) VALUES \(rows.map { "('\($0.kind)', \($0.amount))" }.joined(separator: ", "))"
    case 8:
      let (kind, below) = (kind(), number(5))
      var events: [Model.Event: Int] = [:]
      for (event, count) in model.events {
        let isMoved = event.kind == kind && event.amount < below
        events[isMoved ? Model.Event(kind: kind, amount: event.amount + 1) : event, default: 0] += count
      }
      model.events = events
      return "UPDATE events_\(writer) SET amount = amount + 1 WHERE kind = '\(kind)' AND amount < \(below)"
    case 10, 11, 12:
      // Many at once now and then, so that small chunks come to be merged.
      let first = (model.clicks.last?.number ?? 0) + 1
      let rows = (first...first + (number(12) == 0 ? 1500 : number(4))).map { Model.Click(number: $0, kind: kind()) }
      model.clicks += rows
      return "INSERT INTO clicks_\(writer) VALUES \(rows.map { "(\($0.number), '\($0.kind)')" }.joined(separator: ", "))"
    default:
      // A note of a transaction that is rolled back is not written again.
      nextNote += 1
      model.notes.insert(nextNote)
      return "INSERT INTO notes VALUES (\(writer), \(nextNote))"
    }
  }

  private func delete(_ id: Int, _ model: inout Model) -> String {
    model.accounts[id] = nil
    return "DELETE FROM accounts_\(writer) WHERE id = \(id)"
  }

  // MARK: the engine

  /// Takes a step in an engine.
  package mutating func step(_ session: Session) throws(SQLError) {
    for statement in next() { try session.run(statement) { _ in } }
  }

  /// Compares the engine with the model, and each view with its query asked once.
  ///
  /// - Returns: what differs; nil if nothing does.
  package func difference(_ session: Session) throws(SQLError) -> String? {
    let expected = model.content
    for name in ["accounts", "events", "totals", "pairs", "owners", "clicks", "clicked", "notes"] {
      let isNotes = name == "notes"
      let found = try session.sortedLines(isNotes ? "SELECT note FROM notes WHERE writer = \(writer)" : "SELECT * FROM \(name)_\(writer)")
      if found != expected[name] {
        return "writer \(writer) after \(steps) steps: \(name) holds \(found ?? ["nothing"]), not \(expected[name] ?? ["nothing"])"
      }
      if found == nil { continue }
      if let query = query(name), try session.sortedLines(query) != found { return "view \(name)_\(writer) is not its query" }
    }
    return nil
  }

}

extension Workload {
  /// How many steps the engine has of each writer: as many as were acknowledged, or one more, which was in flight.
  ///
  /// - Returns: the steps, or what is wrong.
  package static func recovered(
    _ acknowledged: [Int], seed: UInt64, _ session: Session
  ) throws(SQLError) -> (steps: [Int], fault: String?) {
    var steps: [Int] = []
    for (writer, count) in acknowledged.enumerated() {
      var workload = Workload(writer: writer, seed: seed, steps: count)
      if let difference = try workload.difference(session) {
        _ = workload.next()
        if try workload.difference(session) != nil { return (steps, difference) }
      }
      steps.append(workload.steps)
    }
    return (steps, nil)
  }
}
