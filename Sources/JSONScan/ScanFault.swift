package import SQLTypes

/// Why a record makes no row.
package enum ScanFault: UInt8, Sendable {
  case notAnObject, malformed, trailingBytes, malformedNumber, controlCharacter, invalidEscape, loneSurrogate
  case nulCharacter, invalidUTF8, tooDeep
  case invalidValue, outOfRange

  package var state: SQLState {
    switch self {
    case .notAnObject, .malformed, .trailingBytes, .malformedNumber, .controlCharacter, .invalidEscape, .loneSurrogate,
      .invalidValue:
      .invalidTextRepresentation
    case .nulCharacter: .untranslatableCharacter
    case .invalidUTF8: .characterNotInRepertoire
    case .tooDeep: .statementTooComplex
    case .outOfRange: .numericValueOutOfRange
    }
  }

  package var message: String {
    switch self {
    case .notAnObject: "record is not a JSON object"
    case .malformed: "invalid JSON"
    case .trailingBytes: "more follows the JSON object"
    case .malformedNumber: "invalid number in JSON"
    case .controlCharacter: "control character in a JSON string must be escaped"
    case .invalidEscape: "invalid escape in a JSON string"
    case .loneSurrogate: "surrogate without its other half in a JSON string"
    case .nulCharacter: "\\u0000 cannot be converted to text"
    case .invalidUTF8: "invalid byte sequence for encoding \"UTF8\""
    case .tooDeep: "JSON is nested more than 64 levels deep"
    case .invalidValue: "invalid input syntax for the field's type"
    case .outOfRange: "value is out of range for the field's type"
    }
  }
}

/// A record that made no row.
package struct BadRecord: Hashable, Sendable {
  package let record: Int  // its number among the records of this scan, from 0
  package let bytes: Range<Int>  // of the line in the input, without the line feed
  package let fault: ScanFault
  package let field: Int?  // the declared field that does not fit, for faults of value
  package let offset: Int  // where in the input the fault was seen; for faults of value the line's start
}
