package import SQLTypes

/// A table with columns of random types, for random queries and writes.
package struct RandomTable: Sendable {
  package var name: String
  package var columns: [(name: String, type: SQLType)]
  /// Column numbers; empty without a key.
  package var primaryKey: [Int]
  /// A stream: rows are only inserted.
  package var isStream = false

  package static let columnTypes: [SQLType] = [
    .integer, .text, .bigint, .numeric(.init(precision: 8, scale: 2)), .double, .boolean, .date, .timestamp,
  ]

  /// A table of one to five columns. The first two are mostly an integer and a text, so that tables can be joined.
  package init(name: String, _ choices: inout Choices) {
    self.name = name
    let hasKey = choices.chance(60)
    columns = []
    primaryKey = []
    if hasKey {
      columns.append(("id", choices.weighted([(6, .integer), (1, .bigint), (1, .text)])))
      primaryKey = [0]
    }
    for index in 0..<1 + choices.below(4) {
      let type: SQLType =
        index == 0 && choices.chance(60)
        ? .integer : choices.element(of: Self.columnTypes)
      columns.append(("\(Self.letter(of: type))\(index + 1)", type))
    }
    if hasKey, columns.count > 2, choices.chance(15) {
      // A key of two columns; neither may be null.
      primaryKey = [0, 1]
    }
  }

  private static func letter(of type: SQLType) -> String {
    switch type {
    case .integer: "i"
    case .text: "t"
    case .bigint: "b"
    case .numeric: "n"
    case .double: "f"
    case .boolean: "l"
    case .timestamp: "s"
    default: "d"
    }
  }

  package var createStatement: String {
    var items = columns.map { "\($0.name) \($0.type.name)" }
    if !primaryKey.isEmpty { items.append("PRIMARY KEY (\(primaryKey.map { columns[$0].name }.joined(separator: ", ")))") }
    return "CREATE \(isStream ? "STREAM" : "TABLE") \(name) (\(items.joined(separator: ", ")))"
  }

  /// A row whose values come from small domains, so that joins and groups meet.
  package func row(_ choices: inout Choices) -> Row {
    columns.indices.map { index in
      !primaryKey.contains(index) && choices.oneIn(6)
        ? .null : RandomValue.value(of: columns[index].type, isKey: primaryKey.contains(index), &choices)
    }
  }
}

/// Values of small domains, and how SQL writes them.
package enum RandomValue {
  /// Some texts do not fit the twelve bytes of a view, and two of them begin alike.
  private static let texts = ["a", "b", "", "ab", "a text beyond twelve bytes", "a text beyond twelve bytes too", "Zürich"]

  /// Around the beginnings of hours and days, before 1970 too, and one that no window of a size holds.
  private static let times: [SQLTimestamp] =
    [-1, 0, 5_400_000_000].map { SQLTimestamp(microseconds: $0) }
    + [0, 1, 3_599_999_999, 3_600_000_000, 86_400_000_000, 93_600_000_000, 200_000_000_000].map {
      SQLTimestamp(microseconds: 1_704_067_200_000_000 + $0)
    } + [.infinity]

  /// - Parameter isKey: from a larger domain, so that rows of a keyed table do not always collide.
  package static func value(of type: SQLType, isKey: Bool = false, _ choices: inout Choices) -> Value {
    switch type {
    case .integer: return .integer(Int32(choices.below(isKey ? 12 : 5)))
    case .bigint: return .bigint(isKey ? Int64(choices.below(12)) : choices.element(of: [0, 1, 2, 3, -1, 3_000_000_000]))
    case .text: return .text(choices.element(of: texts) + (isKey ? String(choices.below(4)) : ""))
    case .numeric: return .numeric(Numeric(unscaled: choices.element(of: [0, 100, 150, -225, 310, 1000]), scale: 2))
    case .double: return .double(choices.element(of: [0, 1, 0.5, -1.5, 2, 3.25, 1024]))
    case .boolean: return .boolean(choices.below(2) == 1)
    case .date: return .date(SQLDate(days: Int32(19_723 + choices.below(5))))
    // Windows that hold the first of all times may begin before it.
    case .timestamp: return .timestamp(choices.oneIn(40) ? .minimum : choices.element(of: times))
    default: preconditionFailure("random tables have no \(type.name)")
    }
  }

  /// The value as SQL text of its type, wherever it stands.
  package static func literal(_ value: Value, _ type: SQLType) -> String {
    guard let text = value.outputText(as: type) else { return "NULL" }
    switch type {
    case .bigint: return "CAST(\(text) AS bigint)"
    case .integer, .numeric: return text.hasPrefix("-") ? "(\(text))" : text
    case .boolean: return text == "t" ? "TRUE" : "FALSE"
    case .text: return quoted(text)
    case .date: return "DATE \(quoted(text))"
    case .timestamp: return "TIMESTAMP \(quoted(text))"
    case .double: return "CAST(\(quoted(text)) AS double precision)"
    default: preconditionFailure("random statements have no literal of \(type.name)")
    }
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.map { $0 == "'" ? "''" : String($0) }.joined() + "'"
  }
}
