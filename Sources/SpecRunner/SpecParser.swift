/// Reads a file's records.
struct SpecParser {
  private var lines: ArraySlice<(number: Int, text: String)>
  private var records: [SpecRecord] = []
  private var conditions: [SpecRecord.Condition] = []

  /// - Errors: the first line that is no record.
  static func parse(_ text: String) throws(SpecFailure) -> [SpecRecord] {
    var parser = SpecParser(
      lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        .enumerated().map { (number: $0.offset + 1, text: $0.element) }[...])
    while let (number, head) = parser.lines.popFirst() {
      if head.isEmpty || head.hasPrefix("#") { continue }
      try parser.parseRecord(head, number)
    }
    if let condition = parser.conditions.first {
      throw SpecFailure(line: 0, description: "\(condition.isOnlyIf ? "onlyif" : "skipif") \(condition.name) stands before no record")
    }
    return parser.records
  }

  private mutating func parseRecord(_ head: String, _ number: Int) throws(SpecFailure) {
    let words = head.split(separator: " ").map(String.init)
    switch words[0] {
    case "skipif" where words.count == 2, "onlyif" where words.count == 2:
      conditions.append(.init(isOnlyIf: words[0] == "onlyif", name: words[1]))
    case "halt" where words.count == 1: append(.halt, number)
    case "tick" where words.count == 1: append(.tick, number)
    case "restart" where words.count == 1: append(.restart, number)
    case "connection" where words.count == 2: append(.connection(words[1]), number)
    default: try parseStatement(words, head, number)
    }
  }

  private mutating func append(_ kind: SpecRecord.Kind, _ number: Int, sql: String = "") {
    records.append(SpecRecord(line: number, sql: sql, kind: kind, conditions: conditions))
    conditions = []
  }

  /// A record with SQL and perhaps a result.
  private mutating func parseStatement(_ words: [String], _ head: String, _ number: Int) throws(SpecFailure) {
    let sql = takeBlock(until: "----")
    var expected: [String]?
    if lines.first?.text == "----" {
      lines.removeFirst()
      expected = takeBlock(until: nil)
    }
    guard let kind = kind(words, expected) else {
      throw SpecFailure(line: number, description: "no record: \"\(head)\"" + (expected == nil ? "" : " with a result"))
    }
    if sql.isEmpty { throw SpecFailure(line: number, description: "a record without SQL") }
    append(kind, number, sql: sql.joined(separator: "\n"))
  }

  private func kind(_ words: [String], _ expected: [String]?) -> SpecRecord.Kind? {
    switch (words[0], words.dropFirst().first) {
    case ("statement", "ok") where words.count == 2 && expected == nil: return .statement(.ok)
    case ("statement", "count") where words.count == 3 && expected == nil: return Int(words[2]).map { .statement(.count($0)) }
    case ("statement", "error") where words.count == 3 && words[2].utf8.count == 5:
      return .statement(.error(state: words[2], message: expected.flatMap { $0.isEmpty ? nil : $0.joined(separator: "\n") }))
    case ("changelog", let relation?) where words.count == 2: return expected.map { .changelog(relation: relation, $0) }
    case ("query", _):
      guard let expected, let options = options(words.dropFirst()) else { return nil }
      return .statement(.rows(expected, options))
    default: return nil
    }
  }

  /// `[types] [nosort|rowsort|valuesort] [label]`.
  private func options(_ words: ArraySlice<String>) -> SpecRecord.QueryOptions? {
    var options = SpecRecord.QueryOptions()
    var words = words
    if let first = words.first, first.utf8.allSatisfy({ "IRTB?".utf8.contains($0) }) {
      options.types = first
      words.removeFirst()
    }
    if let first = words.first, let order = SpecRecord.QueryOptions.Order(rawValue: first) {
      options.order = order
      words.removeFirst()
    }
    options.label = words.popFirst()
    return words.isEmpty ? options : nil
  }

  private mutating func takeBlock(until end: String?) -> [String] {
    var block: [String] = []
    while let next = lines.first?.text, !next.isEmpty, next != end {
      block.append(next)
      lines.removeFirst()
    }
    return block
  }
}
