/// An output buffer of frames; the writing half that both encoders share.
struct MessageBuffer {
  var bytes: [UInt8] = []
  private var lengthIndex = -1                  // where the open frame's length lies, or -1

  mutating func begin(_ type: Unicode.Scalar) {
    bytes.append(UInt8(ascii: type))
    beginUntyped()
  }

  mutating func beginUntyped() {
    precondition(lengthIndex < 0, "a message is begun inside another")
    lengthIndex = bytes.count
    int32(0)
  }

  mutating func end() {
    precondition(lengthIndex >= 0, "a message ends that was not begun")
    patchLength(at: lengthIndex, bytes.count - lengthIndex)
    lengthIndex = -1
  }

  mutating func patchLength(at index: Int, _ count: Int) {
    precondition(count <= Int(Int32.max), "a message or value is larger than 2 GiB")
    let length = UInt32(count)
    bytes[index] = UInt8(length >> 24)
    bytes[index + 1] = UInt8(length >> 16 & 0xFF)
    bytes[index + 2] = UInt8(length >> 8 & 0xFF)
    bytes[index + 3] = UInt8(length & 0xFF)
  }

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  mutating func int16(_ value: Int16) {
    bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    bytes.append(UInt8(truncatingIfNeeded: value))
  }

  mutating func int32(_ value: Int32) {
    bytes.append(UInt8(truncatingIfNeeded: value >> 24))
    bytes.append(UInt8(truncatingIfNeeded: value >> 16))
    bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    bytes.append(UInt8(truncatingIfNeeded: value))
  }

  mutating func count(_ value: Int) {
    precondition(value <= Int(UInt16.max), "a message counts more than 65,535 things")
    int16(Int16(bitPattern: UInt16(value)))
  }

  /// A text and its zero byte; zero bytes inside it, which the protocol cannot carry, are left out.
  mutating func string(_ text: String) {
    if text.utf8.contains(0) {
      for byte in text.utf8 where byte != 0 { bytes.append(byte) }
    } else {
      bytes.append(contentsOf: text.utf8)
    }
    bytes.append(0)
  }

  mutating func span(_ value: Span<UInt8>) { bytes.append(copying: value) }
}
