package import SQLTypes

/// Errors that the protocol itself finds, in PostgreSQL's words where it has them.
extension SQLError {
  package static func protocolViolation(_ phrase: String) -> SQLError {
    SQLError(.protocolViolation, phrase)
  }
  package static let messageTooShort = protocolViolation("insufficient data left in message")
  package static let messageTooLong = protocolViolation("invalid message format")
  package static let unterminatedString = protocolViolation("invalid string in message")
  package static let invalidStartupLength = protocolViolation("invalid length of startup packet")
  package static let invalidStartupLayout = protocolViolation(
    "invalid startup packet layout: expected terminator as last byte")

  package static func invalidMessageLength(type: UInt8) -> SQLError {
    protocolViolation("invalid length of message type \(hexadecimal(type))")
  }
  package static func invalidMessageType(_ type: UInt8) -> SQLError {
    protocolViolation("invalid message type \(hexadecimal(type))")
  }
  package static func unexpectedMessage(_ what: String, during activity: String) -> SQLError {
    protocolViolation("unexpected message \(what) during \(activity)")
  }
  package static func oversizedMessage(bytes: Int, limit: Int) -> SQLError {
    SQLError(.programLimitExceeded, "message of \(bytes) bytes exceeds the limit of \(limit) bytes")
  }
  package static func unsupportedProtocol(major: Int, minor: Int) -> SQLError {
    SQLError(.featureNotSupported, "unsupported frontend protocol \(major).\(minor): server supports 3.0")
  }
  package static let missingUser = SQLError(
    .invalidAuthorization, "no PostgreSQL user name specified in startup packet")
  package static let plaintextAfterTLSRequest = SQLError(
    .protocolViolation, "received unencrypted data after SSL request",
    detail: "This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.")

  package static func invalidUTF8(_ sequence: ArraySlice<UInt8>) -> SQLError {
    let bytes = sequence.map(hexadecimal).joined(separator: " ")
    return SQLError(.characterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": \(bytes)")
  }
  package static func unsupportedFormatCode(_ code: Int16) -> SQLError {
    SQLError(.invalidParameterValue, "unsupported format code: \(code)")
  }
  package static func unknownStatement(_ name: String) -> SQLError {
    name.isEmpty
      ? SQLError(.invalidStatementName, "unnamed prepared statement does not exist")
      : SQLError(.invalidStatementName, "prepared statement \"\(name)\" does not exist")
  }
  package static func duplicateStatement(_ name: String) -> SQLError {
    SQLError(.duplicatePreparedStatement, "prepared statement \"\(name)\" already exists")
  }
  package static func unknownPortal(_ name: String) -> SQLError {
    SQLError(.invalidCursorName, "portal \"\(name)\" does not exist")
  }
  package static func duplicatePortal(_ name: String) -> SQLError {
    SQLError(.duplicateCursor, "cursor \"\(name)\" already exists")
  }
  package static func parameterCount(_ count: Int, statement: String, requires required: Int) -> SQLError {
    protocolViolation(
      "bind message supplies \(count) parameters, but prepared statement \"\(statement)\" requires \(required)")
  }
  package static func copyFailed(_ reason: String) -> SQLError {
    SQLError(.queryCanceled, "COPY from stdin failed: \(reason)")
  }
}

/// `0x` and two digits, as PostgreSQL shows a byte.
private func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return digits.utf8.count == 1 ? "0x0\(digits)" : "0x\(digits)"
}
