package import SQLTypes

/// Reads the fields of one message body in order; every read is checked against its end.
struct ByteCursor {
  let bytes: [UInt8]
  private(set) var position: Int

  init(_ bytes: [UInt8], from position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  var remaining: Int { bytes.count - position }

  mutating func byte() throws(SQLError) -> UInt8 {
    guard remaining >= 1 else { throw .messageTooShort }
    position += 1
    return bytes[position - 1]
  }

  mutating func int16() throws(SQLError) -> Int16 {
    guard remaining >= 2 else { throw .messageTooShort }
    position += 2
    return Int16(bitPattern: UInt16(bytes[position - 2]) << 8 | UInt16(bytes[position - 1]))
  }

  mutating func int32() throws(SQLError) -> Int32 {
    guard remaining >= 4 else { throw .messageTooShort }
    position += 4
    return Int32(bitPattern: bigEndian32(bytes, at: position - 4))
  }

  /// A count of things that follow; PostgreSQL 15 reads it unsigned, for up to 65,535 parameters.
  mutating func count() throws(SQLError) -> Int {
    Int(UInt16(bitPattern: try int16()))
  }

  /// A text up to its zero byte.
  mutating func string() throws(SQLError) -> String {
    guard let end = bytes[position...].firstIndex(of: 0) else { throw .unterminatedString }
    let text = try validatedText(bytes[position..<end])
    position = end + 1
    return text
  }

  /// The next `count` bytes, as their range in the body.
  mutating func range(_ count: Int) throws(SQLError) -> Range<Int> {
    guard count >= 0, remaining >= count else { throw .messageTooShort }
    position += count
    return position - count..<position
  }

  /// A value with its length in front; nil for NULL, which has length -1.
  mutating func value() throws(SQLError) -> Range<Int>? {
    let length = try int32()
    return length == -1 ? nil : try range(Int(length))
  }

  mutating func rest() -> [UInt8] {
    let rest = position == 0 ? bytes : Array(bytes[position...])
    position = bytes.count
    return rest
  }

  func end() throws(SQLError) {
    guard remaining == 0 else { throw .messageTooLong }
  }
}

/// Four bytes as an integer; the caller has checked that they are there.
func bigEndian32(_ bytes: [UInt8], at index: Int) -> UInt32 {
  UInt32(bytes[index]) << 24 | UInt32(bytes[index + 1]) << 16 | UInt32(bytes[index + 2]) << 8
    | UInt32(bytes[index + 3])
}

/// Text from a peer: UTF-8 or 22021, which names the bytes of the first sequence that is wrong, as PostgreSQL does.
package func validatedText(_ bytes: ArraySlice<UInt8>) throws(SQLError) -> String {
  if let text = String(validating: bytes, as: UTF8.self) { return text }
  var rest = bytes
  while let lead = rest.first {
    let expected =
      switch lead {
      case 0xC0...0xDF: 2
      case 0xE0...0xEF: 3
      case 0xF0...0xF7: 4
      default: 1
      }
    let sequence = rest.prefix(expected)
    guard String(validating: sequence, as: UTF8.self) != nil else { throw .invalidUTF8(sequence) }
    rest = rest.dropFirst(expected)
  }
  throw .invalidUTF8(bytes.prefix(1))
}
