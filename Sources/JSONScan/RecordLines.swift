package import Columnar
import Glibc

/// Parts of records, each a line of its own and none of them blank, for the scanner of JSON lines.
package struct RecordLines: Sendable {
  package let buffer: Buffer
  /// How many bytes of the buffer are lines.
  package let byteCount: Int
  /// The number of the record that each line is of; ascending.
  package let records: [Int]

  package init(buffer: Buffer, byteCount: Int, records: [Int]) {
    self.buffer = buffer
    self.byteCount = byteCount
    self.records = records
  }
}

/// Copies parts of records into lines.
///
/// A line feed within a part becomes a carriage return: between JSON's tokens both are space, within a string both are the same
/// error. So each part is one line, and good or bad as it was.
package struct RecordLinesBuilder: ~Copyable {
  private var buffer: Buffer
  private var byteCount = 0
  private var records: [Int] = []

  /// - byteCount: about how long the lines will be together.
  package init(byteCount: Int, recordCount: Int) {
    buffer = Buffer(uninitializedByteCount: max(byteCount, 64))
    records.reserveCapacity(recordCount)
  }

  /// Adds a part as it is, which must not be blank.
  package mutating func add(_ part: RawSpan, record: Int) {
    append(part)
    end(record)
  }

  /// Adds a part as the value of an object's one member.
  package mutating func add(_ part: RawSpan, named name: [UInt8], record: Int) {
    open(name)
    append(part)
    append(UInt8(ascii: "}"))
    end(record)
  }

  /// Adds a text, a JSON string, as the value of an object's one member. Bytes that are not UTF-8 stay: the scanner refuses them.
  package mutating func add(text: RawSpan, named name: [UInt8], record: Int) {
    open(name)
    text.withUnsafeBytes { appendString($0) }
    append(UInt8(ascii: "}"))
    end(record)
  }

  package consuming func finish() -> RecordLines { RecordLines(buffer: buffer, byteCount: byteCount, records: records) }

  private mutating func open(_ name: [UInt8]) {
    append(UInt8(ascii: "{"))
    name.withUnsafeBytes { appendString($0) }
    append(UInt8(ascii: ":"))
  }

  private mutating func end(_ record: Int) {
    append(lineFeed)
    records.append(record)
  }

  private mutating func reserve(_ count: Int) {
    if byteCount + count <= buffer.byteCount { return }
    let larger = Buffer(uninitializedByteCount: max(buffer.byteCount * 2, byteCount + count))
    larger.base.copyMemory(from: buffer.base, byteCount: byteCount)
    buffer = larger
  }

  private mutating func append(_ byte: UInt8) {
    reserve(1)
    buffer.base.storeBytes(of: byte, toByteOffset: byteCount, as: UInt8.self)
    byteCount += 1
  }

  private mutating func append(_ part: RawSpan) {
    reserve(part.byteCount)
    let start = buffer.base + byteCount
    part.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { start.copyMemory(from: base, byteCount: bytes.count) }
    }
    byteCount += part.byteCount
    var rest = start
    let end = buffer.base + byteCount
    while rest < end, let found = memchr(rest, Int32(lineFeed), end - rest) {
      found.storeBytes(of: UInt8(ascii: "\r"), as: UInt8.self)
      rest = found + 1
    }
  }

  private mutating func appendString(_ text: UnsafeRawBufferPointer) {
    append(quote)
    for byte in text {
      if byte == quote || byte == UInt8(ascii: "\\") {
        append(UInt8(ascii: "\\"))
        append(byte)
      } else if byte < 0x20 {
        for escape in [UInt8(ascii: "\\"), UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0")] { append(escape) }
        append(Self.hex[Int(byte >> 4)])
        append(Self.hex[Int(byte & 15)])
      } else {
        append(byte)
      }
    }
    append(quote)
  }

  private static let hex = Array("0123456789abcdef".utf8)
}

extension RawSpan {
  /// The first byte that is no space of JSON's; nil if there is none.
  package var firstByteOfJSON: UInt8? {
    for index in 0..<byteCount {
      let byte = unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
      if !Self.isSpace(byte) { return byte }
    }
    return nil
  }

  /// Whether the bytes can be nothing but one JSON string, number or word; whether they are a good one is for who reads it.
  package var isOneJSONScalar: Bool {
    var start = 0
    var end = byteCount
    func byte(_ index: Int) -> UInt8 { unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self) }
    while start < end, Self.isSpace(byte(start)) { start += 1 }
    while start < end, Self.isSpace(byte(end - 1)) { end -= 1 }
    if start == end { return false }
    if byte(start) != quote { return (start..<end).allSatisfy { Self.isOfWord(byte($0)) } }
    var index = start + 1
    while index < end {
      if byte(index) == quote { return index == end - 1 }
      index += byte(index) == UInt8(ascii: "\\") ? 2 : 1
    }
    return false
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}
