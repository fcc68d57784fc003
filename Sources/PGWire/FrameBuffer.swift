/// Bytes from a peer that no message has used yet; chunks may be cut anywhere.
///
/// Memory is what has arrived, never what a length field announces.
struct FrameBuffer {
  private var bytes: [UInt8] = []
  private var head = 0                          // bytes before it are used

  var count: Int { bytes.count - head }

  mutating func append(_ chunk: ArraySlice<UInt8>) {
    dropUsed()
    bytes.append(contentsOf: chunk)
  }

  mutating func append(_ chunk: Span<UInt8>) {
    dropUsed()
    bytes.append(copying: chunk)
  }

  func byte(at offset: Int) -> UInt8 { bytes[head + offset] }
  func uint32(at offset: Int) -> UInt32 { bigEndian32(bytes, at: head + offset) }

  /// Takes `count` bytes off the front and returns them without the first `skipped`.
  mutating func take(_ count: Int, skipping skipped: Int) -> [UInt8] {
    let body = Array(bytes[head + skipped..<head + count])
    head += count
    return body
  }

  mutating func removeAll() {
    bytes = []
    head = 0
  }

  /// Moves the unused bytes to the front once they are the smaller part, so that each byte moves O(1) times.
  private mutating func dropUsed() {
    guard head > 0, head >= count else { return }
    if head == bytes.count && bytes.capacity > 1 << 20 {
      bytes = []                                // a large message has passed; its memory need not stay
    } else {
      bytes.removeSubrange(..<head)
    }
    head = 0
  }
}

extension [UInt8] {
  /// Appends a span; growth stays geometric, which `reserveCapacity` alone would make linear.
  mutating func append(copying span: Span<UInt8>) {
    let needed = count + span.count
    if needed > capacity { reserveCapacity(Swift.max(needed, 2 * capacity)) }
    for index in span.indices { append(span[index]) }
  }
}
