/// What the relations of one writer hold, kept without the engine.
package struct Model: Equatable, Sendable {
  struct Account: Equatable, Sendable { var owner: String, balance: Int }
  struct Event: Hashable, Sendable { var kind: String, amount: Int }
  struct Click: Equatable, Sendable { var number: Int, kind: String }

  /// The names, without the writer's number, of those that have been created.
  var relations: Set<String> = []
  var accounts: [Int: Account] = [:]
  /// How often each row is there.
  var events: [Event: Int] = [:]
  /// The rows of the stream, in their order.
  var clicks: [Click] = []
  /// The writer's rows of the table that all writers share.
  var notes: Set<Int> = []

  /// The sorted rows of each relation, their values separated by `|`.
  var content: [String: [String]] {
    var content: [String: [String]] = ["notes": notes.map(String.init).sorted()]
    for name in relations { content[name] = rows(of: name).sorted() }
    return content
  }

  private func rows(of name: String) -> [String] {
    switch name {
    case "accounts": return accounts.map { "\($0)|\($1.owner)|\($1.balance)" }
    case "events": return events.flatMap { event, count in Array(repeating: "\(event.kind)|\(event.amount)", count: count) }
    case "totals":
      return Dictionary(grouping: accounts.values, by: \.owner).map { owner, group in
        "\(owner)|\(group.count)|\(group.reduce(0) { $0 + $1.balance })"
      }
    case "pairs":
      return accounts.flatMap { id, account in
        events.filter { $0.key.kind == account.owner }.flatMap { Array(repeating: "\(id)|\($0.key.amount)", count: $0.value) }
      }
    case "clicks": return clicks.map { "\($0.number)|\($0.kind)" }
    case "clicked":
      return Dictionary(grouping: clicks, by: \.kind).map { kind, group in
        "\(kind)|\(group.count)|\(group.map(\.number).max() ?? 0)"
      }
    case "owners": return Array(Set(accounts.values.map(\.owner)))
    default: preconditionFailure("no relation \(name)")
    }
  }
}
