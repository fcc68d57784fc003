package import SQLTypes

/// One of Nexmark's three streams, with its columns.
package enum NexmarkTable: String, CaseIterable, Sendable {
  case person, auction, bid

  /// A column as the generator makes it.
  package struct Field: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case bigint, text, timestamp }
    package let name: String
    package let kind: Kind
    /// The JSON files' name for it, where they have another.
    let alias: String?

    init(_ name: String, _ kind: Kind, alias: String? = nil) {
      self.name = name
      self.kind = kind
      self.alias = alias
    }

    /// The SQL type of its values.
    package var type: SQLType {
      switch kind {
      case .bigint: .bigint
      case .text: .text
      case .timestamp: .timestamp
      }
    }
  }

  package var fields: [Field] {
    switch self {
    case .person:
      [
        Field("id", .bigint), Field("name", .text), Field("email", .text, alias: "emailAddress"),
        Field("credit_card", .text, alias: "creditCard"), Field("city", .text), Field("state", .text),
        Field("date_time", .timestamp, alias: "dateTime"), Field("extra", .text),
      ]
    case .auction:
      [
        Field("id", .bigint), Field("item_name", .text, alias: "itemName"), Field("description", .text),
        Field("initial_bid", .bigint, alias: "initialBid"), Field("reserve", .bigint),
        Field("date_time", .timestamp, alias: "dateTime"), Field("expires", .timestamp), Field("seller", .bigint),
        Field("category", .bigint), Field("extra", .text),
      ]
    case .bid:
      [
        Field("auction", .bigint), Field("bidder", .bigint), Field("price", .bigint), Field("channel", .text),
        Field("url", .text), Field("date_time", .timestamp, alias: "dateTime"), Field("extra", .text),
      ]
    }
  }

  /// The number of the field that a declared column means, by its own name or the one of the JSON files.
  ///
  /// - Errors: 42703 with the nearest name, 42804 for a type that its values do not have. A timestamp may be declared with
  ///   time zone: its values are UTC.
  func field(for column: SourceSpec.Column) throws(SQLError) -> Int {
    let fields = fields
    guard let index = fields.firstIndex(where: { $0.name == column.name || $0.alias == column.name }) else {
      throw SQLError(
        .undefinedColumn, "nexmark's table \"\(rawValue)\" has no column \"\(column.name)\"",
        hint: Nearest.hint(for: column.name, among: fields.map(\.name)))
    }
    let fits =
      switch (fields[index].kind, column.type) {
      case (.bigint, .bigint), (.text, .text), (.text, .varchar(nil)), (.timestamp, .timestamp), (.timestamp, .timestamptz): true
      default: false
      }
    if !fits {
      throw SQLError(
        .datatypeMismatch,
        "column \"\(column.name)\" of nexmark is of type \(fields[index].type.name), not \(column.type.name)")
    }
    return index
  }
}
