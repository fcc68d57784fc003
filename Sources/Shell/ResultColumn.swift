/// A column of a result, as RowDescription names it.
package struct ResultColumn: Hashable, Sendable {
  package var name: String
  /// PostgreSQL's object id of the type: it decides alignment and JSON form.
  package var typeOID: Int32

  package init(name: String, typeOID: Int32) {
    self.name = name
    self.typeOID = typeOID
  }

  /// What psql aligns at the right: numbers, object and transaction ids, money.
  var isRightAligned: Bool {
    switch typeOID {
    case 20, 21, 23, 26, 28, 29, 700, 701, 790, 1700, 5069: true
    default: false
    }
  }

  /// How a value's text becomes a JSON value.
  enum JSONForm { case string, number, boolean, json }

  var jsonForm: JSONForm {
    switch typeOID {
    case 16: .boolean
    case 20, 21, 23, 26, 700, 701, 1700: .number
    case 114, 3802: .json
    default: .string
    }
  }
}
