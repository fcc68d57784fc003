internal import Dataflow

/// The bytes of a log entry, version 1.
///
/// Unsigned numbers are varints (LEB128, seven bits a byte, lowest first); signed ones zigzag first; a byte string is
/// its length and its bytes; a list is its count and its elements. In order: version (one byte), tick number, clock,
/// positions, floor jumps, watermark jumps, ddl, table changes, stream appends. Nothing may follow.
package enum TickEntryCodec {
  package static let version: UInt8 = 1
}

/// Bytes that are not an entry.
package struct MalformedEntry: Error, Equatable {
  package var reason: String
}

struct EntryWriter {
  var bytes: [UInt8] = []

  mutating func put(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func put(signed value: Int64) {
    put(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  mutating func put(_ string: [UInt8]) {
    put(UInt64(string.count))
    bytes.append(contentsOf: string)
  }

  mutating func put<Element>(_ list: [Element], _ element: (inout EntryWriter, Element) -> Void) {
    put(UInt64(list.count))
    for item in list { element(&self, item) }
  }
}

struct EntryReader {
  let bytes: [UInt8]
  var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func byte() throws(MalformedEntry) -> UInt8 {
    guard index < bytes.count else { throw MalformedEntry(reason: "the bytes end early") }
    defer { index += 1 }
    return bytes[index]
  }

  mutating func number() throws(MalformedEntry) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      let payload = UInt64(next & 0x7F)
      guard shift < 63 || (shift == 63 && payload <= 1) else { throw MalformedEntry(reason: "a number above 64 bits") }
      value |= payload << shift
      if next < 0x80 { return value }
      shift += 7
    }
  }

  mutating func signed() throws(MalformedEntry) -> Int64 {
    let raw = try number()
    return Int64(bitPattern: (raw >> 1) ^ (0 &- (raw & 1)))
  }

  mutating func number32() throws(MalformedEntry) -> UInt32 {
    guard let value = UInt32(exactly: try number()) else { throw MalformedEntry(reason: "a number above 32 bits") }
    return value
  }

  mutating func string() throws(MalformedEntry) -> [UInt8] {
    let count = try number()
    guard count <= UInt64(bytes.count - index) else { throw MalformedEntry(reason: "a length beyond the end") }
    defer { index += Int(count) }
    return Array(bytes[index..<index + Int(count)])
  }

  /// Reads a list; every element takes at least one byte, so a hostile count runs into the end and reserves nothing.
  mutating func list<Element>(
    _ element: (inout EntryReader) throws(MalformedEntry) -> Element
  ) throws(MalformedEntry) -> [Element] {
    let count = try number()
    guard count <= UInt64(bytes.count - index) else { throw MalformedEntry(reason: "a count beyond the end") }
    var elements: [Element] = []
    for _ in 0..<Int(count) { elements.append(try element(&self)) }
    return elements
  }
}
