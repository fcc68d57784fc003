import Foundation

@testable import JSONScan

/// A slow, plain reading of the same rules, to compare the scanner with: a JSON tree, then PostgreSQL's input functions.
struct ReferenceJSON {
  enum Value: Equatable {
    case null
    case integer(Int64)
    case double(UInt64)
    case text([UInt8])
  }

  struct Bad: Error, Equatable { var fault: ScanFault }

  private enum Token {
    case null
    case string([UInt8])
    case other
  }

  private let bytes: [UInt8]
  private var index = 0

  /// The row of a line, without its line feed.
  static func row(_ line: [UInt8], _ fields: [ScanField]) -> Result<[Value], Bad> {
    var reader = ReferenceJSON(bytes: line)
    return Result { () throws(Bad) in try reader.row(fields) }
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var byte: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func space() {
    while let byte, [0x20, 0x09, 0x0d].contains(byte) { index += 1 }
  }

  private mutating func expect(_ wanted: Character, _ fault: ScanFault = .malformed) throws(Bad) {
    if byte != wanted.asciiValue { throw Bad(fault: fault) }
    index += 1
  }

  private mutating func row(_ fields: [ScanField]) throws(Bad) -> [Value] {
    var members: [[UInt8]: (token: Token, raw: [UInt8])] = [:]
    space()
    try expect("{", .notAnObject)
    space()
    if byte == UInt8(ascii: "}") {
      index += 1
    } else {
      while true {
        let name = try string()
        space()
        try expect(":")
        space()
        let start = index
        let token = try value(depth: 0)
        members[name] = (token, Array(bytes[start..<index]))
        space()
        if byte == UInt8(ascii: ",") {
          index += 1
          space()
          continue
        }
        try expect("}")
        break
      }
    }
    space()
    if index < bytes.count { throw Bad(fault: .trailingBytes) }
    var row: [Value] = []
    for field in fields {
      guard let member = members[field.name] else {
        row.append(.null)
        continue
      }
      switch member.token {
      case .null: row.append(.null)
      case .string(let text): row.append(try Self.convert(field.kind == .json ? member.raw : text, field.kind))
      case .other: row.append(try Self.convert(member.raw, field.kind))
      }
    }
    return row
  }

  private mutating func value(depth: Int) throws(Bad) -> Token {
    switch byte ?? 0 {
    case UInt8(ascii: "\""):
      return .string(try string())
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      if depth == 64 { throw Bad(fault: .tooDeep) }
      let isObject = byte == UInt8(ascii: "{")
      let close: Character = isObject ? "}" : "]"
      index += 1
      space()
      if byte == close.asciiValue {
        index += 1
        return .other
      }
      while true {
        if isObject {
          _ = try string()
          space()
          try expect(":")
          space()
        }
        _ = try value(depth: depth + 1)
        space()
        if byte == UInt8(ascii: ",") {
          index += 1
          space()
          continue
        }
        try expect(close)
        return .other
      }
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
      for word in ["true", "false", "null"] where bytes[index...].starts(with: word.utf8) {
        index += word.utf8.count
        return word == "null" ? .null : .other
      }
      throw Bad(fault: .malformed)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      if byte == UInt8(ascii: "-") { index += 1 }
      let start = index
      try digits()
      if bytes[start] == UInt8(ascii: "0"), index - start > 1 { throw Bad(fault: .malformedNumber) }
      if byte == UInt8(ascii: ".") {
        index += 1
        try digits()
      }
      if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
        index += 1
        if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { index += 1 }
        try digits()
      }
      return .other
    default:
      throw Bad(fault: .malformed)
    }
  }

  private mutating func digits() throws(Bad) {
    let start = index
    while let byte, byte >= 0x30, byte <= 0x39 { index += 1 }
    if index == start { throw Bad(fault: .malformedNumber) }
  }

  private func unit(at start: Int) -> UInt32? {
    guard start + 4 <= bytes.count else { return nil }
    let digits = bytes[start..<start + 4]
    guard digits.allSatisfy({ isxdigit(Int32($0)) != 0 }) else { return nil }
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
  }

  private mutating func string() throws(Bad) -> [UInt8] {
    try expect("\"")
    var text: [UInt8] = []
    while true {
      guard let byte else { throw Bad(fault: .malformed) }
      if byte == UInt8(ascii: "\"") {
        index += 1
        return text
      }
      if byte < 0x20 { throw Bad(fault: .controlCharacter) }
      if byte >= 0x80 {
        let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
        let character = bytes[index...].prefix(length)
        guard String(validating: character, as: UTF8.self)?.unicodeScalars.count == 1 else { throw Bad(fault: .invalidUTF8) }
        text += character
        index += length
        continue
      }
      if byte != UInt8(ascii: "\\") {
        text.append(byte)
        index += 1
        continue
      }
      let escaped = index + 1 < bytes.count ? Character(Unicode.Scalar(bytes[index + 1])) : " "
      let simple: [Character: UInt8] = ["\"": 34, "\\": 92, "/": 47, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9]
      if let decoded = simple[escaped] {
        text.append(decoded)
        index += 2
        continue
      }
      guard escaped == "u", let high = unit(at: index + 2) else { throw Bad(fault: .invalidEscape) }
      if high == 0 { throw Bad(fault: .nulCharacter) }
      var scalar = high
      index += 6
      if (0xd800...0xdfff).contains(high) {
        guard high < 0xdc00, bytes[index...].starts(with: "\\u".utf8) else { throw Bad(fault: .loneSurrogate) }
        guard let low = unit(at: index + 2) else { throw Bad(fault: .invalidEscape) }
        guard (0xdc00...0xdfff).contains(low) else { throw Bad(fault: .loneSurrogate) }
        scalar = 0x10000 + (high - 0xd800) * 0x400 + (low - 0xdc00)
        index += 6
      }
      guard let character = Unicode.Scalar(scalar) else { throw Bad(fault: .loneSurrogate) }
      text += Array(String(Character(character)).utf8)
    }
  }

  private static func convert(_ bytes: [UInt8], _ kind: ScanKind) throws(Bad) -> Value {
    if [.text, .moment, .json].contains(kind) { return .text(bytes) }
    let isSpace: (UInt8) -> Bool = { isspace(Int32($0)) != 0 }
    let trimmed = Array(bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    let text = String(decoding: trimmed.map { $0 < 0x80 ? $0 : 0x21 }, as: UTF8.self)
    let isDecimal = isDecimal(text)
    let word = text.lowercased()
    switch kind {
    case .bigint: return .integer(try integer(text, Int64.min...Int64.max))
    case .integer: return .integer(try integer(text, Int64(Int32.min)...Int64(Int32.max)))
    case .smallint: return .integer(try integer(text, Int64(Int16.min)...Int64(Int16.max)))
    case .boolean:
      if !word.isEmpty {
        if word == "1" || word == "on" || "true".hasPrefix(word) || "yes".hasPrefix(word) { return .integer(1) }
        if word == "0" || word == "of" || word == "off" || "false".hasPrefix(word) || "no".hasPrefix(word) { return .integer(0) }
      }
      throw Bad(fault: .invalidValue)
    case .numeric:
      let isNamed = word == "nan" || ["inf", "infinity"].contains(withoutSign(word))
      if !isDecimal && !isNamed { throw Bad(fault: .invalidValue) }
      return .text(trimmed)
    default:
      if withoutSign(word) == "nan" { return .double(Double.nan.bitPattern) }
      if ["inf", "infinity"].contains(withoutSign(word)) {
        return .double((word.hasPrefix("-") ? -Double.infinity : .infinity).bitPattern)
      }
      if !isDecimal { throw Bad(fault: .invalidValue) }
      let value = kind == .real ? Double(strtof(text, nil)) : strtod(text, nil)
      let isZero = !word.prefix { $0 != "e" }.contains { "123456789".contains($0) }
      if value.isInfinite || value == 0 && !isZero { throw Bad(fault: .outOfRange) }
      return .double(value.bitPattern)
    }
  }

  /// PostgreSQL adds the digits up below zero and stops at the one that is too much.
  private static func integer(_ text: String, _ range: ClosedRange<Int64>) throws(Bad) -> Int64 {
    let digits = withoutSign(text).prefix { isDigit($0) }
    if digits.isEmpty { throw Bad(fault: .invalidValue) }
    guard let negated = Int64("-" + digits), negated >= range.lowerBound else { throw Bad(fault: .outOfRange) }
    if digits.utf8.count < withoutSign(text).utf8.count { throw Bad(fault: .invalidValue) }
    if text.hasPrefix("-") { return negated }
    if negated == range.lowerBound { throw Bad(fault: .outOfRange) }
    return -negated
  }

  private static func isDigit(_ character: Character) -> Bool { character >= "0" && character <= "9" && character.utf8.count == 1 }

  private static func withoutSign(_ text: String) -> Substring {
    text.hasPrefix("+") || text.hasPrefix("-") ? text.dropFirst() : text[...]
  }

  /// [sign] (digits ["." [digits]] | "." digits) [("e" | "E") [sign] digits]
  private static func isDecimal(_ text: String) -> Bool {
    let mantissaAndExponent = withoutSign(text).split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
    if mantissaAndExponent.count > 2 { return false }
    if mantissaAndExponent.count == 2 {
      let exponent = withoutSign(String(mantissaAndExponent[1]))
      if exponent.isEmpty || !exponent.allSatisfy(isDigit) { return false }
    }
    let parts = mantissaAndExponent[0].split(separator: ".", omittingEmptySubsequences: false)
    return parts.count <= 2 && parts.allSatisfy { $0.allSatisfy(isDigit) } && parts.contains { !$0.isEmpty }
  }
}

extension ScanColumns {
  /// One row as the reference says it.
  func values(_ row: Int, input: [UInt8]) -> [ReferenceJSON.Value] {
    fields.indices.map { field in
      if nulls(field)[row] == 1 { return .null }
      switch fields[field].kind {
      case .double, .real: return .double(doubles(field)[row].bitPattern)
      case .bigint, .integer, .smallint, .boolean: return .integer(integers(field)[row])
      case .numeric, .text, .moment, .json, .member:
        let slice = slices(field)[row]
        return .text(slice.isInArena ? slice.range.map { arena[$0] } : Array(input[slice.range]))
      }
    }
  }
}
