import Expressions
import SQLCatalog
import SQLTypes

/// How the tables of `pg_catalog` and `information_schema` are written down: their columns in one text, their rows by name.
enum CatalogTable {
  /// A system view.
  ///
  /// - columns: `name:type` or `name:type=value`, the value being what rows have that do not name the column; NULL without.
  /// - rows: for each row, what is not the columns' usual value.
  static func make(
    _ id: UInt64, _ schema: String, _ name: String, _ columns: String,
    rows: @escaping @Sendable (SystemReading) throws(SQLError) -> [[String: SystemValue]] = { _ in [] }
  ) -> SystemView {
    let specifications = columns.split(whereSeparator: \.isWhitespace).map { Specification($0) }
    let indices = Dictionary(uniqueKeysWithValues: specifications.enumerated().map { ($0.element.name, $0.offset) })
    let usual = specifications.map(\.usual)
    return SystemView(
      id, schema, name, columns: specifications.map { Relation.Column(name: $0.name, type: $0.type) }
    ) { (reading) throws(SQLError) in
      try rows(reading).map { row in
        var values = usual
        for (column, value) in row {
          guard let index = indices[column] else { preconditionFailure("\(name) has a column \(column)") }
          values[index] = value
        }
        return values
      }
    }
  }

  private struct Specification {
    let name: String
    let type: SQLType
    let usual: SystemValue

    init(_ text: Substring) {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let pair = parts[0].split(separator: ":", maxSplits: 1)
      guard pair.count == 2, let type = CatalogTable.types[String(pair[1])] else {
        preconditionFailure("\(text) is a column and its type")
      }
      name = String(pair[0])
      self.type = type
      usual = parts.count == 2 ? SystemValue(String(parts[1]), type) : .null
    }
  }

  private static let types: [String: SQLType] = {
    var types: [String: SQLType] = [
      "bool": .boolean, "int2": .smallint, "int4": .integer, "int8": .bigint, "float4": .real, "float8": .double, "text": .text,
      "varchar": .varchar(nil), "timestamptz": .timestamptz, "oid": .oid, "char": .catalogText(.character),
      "aclitem[]": .catalogText(.aclArray), "int2[]": .catalogText(.smallintArray), "char[]": .catalogText(.characterArray),
      "float4[]": .catalogText(.realArray),
    ]
    for type in CatalogTextType.allCases where types[type.rawValue] == nil { types[type.rawValue] = .catalogText(type) }
    return types
  }()
}

extension SystemValue {
  /// A value as it is written behind a column's type.
  fileprivate init(_ text: String, _ type: SQLType) {
    switch type {
    case .boolean: self = .boolean(text == "t")
    case .smallint, .integer, .bigint, .oid:
      guard let number = Int64(text) else { preconditionFailure("\(text) is a number") }
      self = .integer(number)
    case .real, .double:
      guard let number = Double(text) else { preconditionFailure("\(text) is a number") }
      self = .double(number)
    default: self = .text(text)
    }
  }
}
