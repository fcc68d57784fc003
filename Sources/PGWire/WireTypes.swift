package import SQLTypes

/// How a value's bytes are written: as PostgreSQL's text, or in its type's binary form.
package enum WireFormat: Int16, Hashable, Sendable {
  case text = 0
  case binary = 1
}

/// The byte of ReadyForQuery: where the session stands with regard to a transaction block.
package enum TransactionStatus: UInt8, Hashable, Sendable {
  /// `I`: not in a block.
  case idle = 0x49
  /// `T`: in a block.
  case open = 0x54
  /// `E`: in a block that has failed and only accepts its end.
  case failed = 0x45
}

/// One column of a RowDescription.
package struct WireField: Hashable, Sendable {
  package var name: String
  /// Object id of the column's table, or 0; and the column's number in it from 1, or 0.
  package var tableOID: Int32
  package var columnNumber: Int16
  package var typeOID: Int32
  package var typeLength: Int16
  package var typeModifier: Int32
  package var format: WireFormat

  package init(
    name: String, tableOID: Int32 = 0, columnNumber: Int16 = 0, typeOID: Int32, typeLength: Int16,
    typeModifier: Int32 = -1, format: WireFormat = .text
  ) {
    self.name = name
    self.tableOID = tableOID
    self.columnNumber = columnNumber
    self.typeOID = typeOID
    self.typeLength = typeLength
    self.typeModifier = typeModifier
    self.format = format
  }

  package init(
    name: String, type: SQLType, tableOID: Int32 = 0, columnNumber: Int16 = 0, format: WireFormat = .text
  ) {
    self.init(
      name: name, tableOID: tableOID, columnNumber: columnNumber, typeOID: type.oid, typeLength: type.typeLength,
      typeModifier: type.typeModifier, format: format)
  }
}

/// A name with its value, in a startup packet or a ParameterStatus.
package struct WireParameter: Hashable, Sendable {
  package var name: String
  package var value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// What the server asks the client to prove, and with which bytes.
package enum AuthenticationRequest: Hashable, Sendable {
  case ok
  case cleartextPassword
  case md5Password(salt: [UInt8])
  case sasl(mechanisms: [String])
  case saslContinue([UInt8])
  case saslFinal([UInt8])
}
