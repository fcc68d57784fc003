import SQLTypes

/// A day as it is spelt, `YYYY-MM-DD`, and when it began; for timestamps of the form `YYYY-MM-DD hh:mm:ss[.ffffff]`, without zone.
struct ISODay {
  typealias Bytes = UnsafePointer<UInt8>

  private var head: UInt64 = 0  // YYYY-MM-
  private var tail: UInt16 = 0  // DD; zero bytes are no day's
  private var midnight: Int64 = 0

  /// Microseconds since 1970 of a timestamp of this day; nil for any other text.
  @inline(__always)
  func timestamp(_ at: Bytes, _ count: Int) -> Int64? {
    guard count >= 19 else { return nil }
    let raw = UnsafeRawPointer(at)
    guard raw.loadUnaligned(as: UInt64.self) == head, raw.loadUnaligned(fromByteOffset: 8, as: UInt16.self) == tail,
      let time = Self.timeOfDay(at, count)
    else { return nil }
    return midnight &+ time
  }

  /// Takes over the day of a text that was read as `microseconds`, if it has the form.
  mutating func learn(_ at: Bytes, _ count: Int, _ microseconds: Int64) {
    guard count >= 19, at[4] == UInt8(ascii: "-"), at[7] == UInt8(ascii: "-"), let time = Self.timeOfDay(at, count) else { return }
    for index in [0, 1, 2, 3, 5, 6, 8, 9] where !TextValues.isDigit(at[index]) { return }
    head = UnsafeRawPointer(at).loadUnaligned(as: UInt64.self)
    tail = UnsafeRawPointer(at).loadUnaligned(fromByteOffset: 8, as: UInt16.self)
    midnight = microseconds - time
  }

  /// Microseconds since midnight of what follows the day: blank or T, two digits each of hour, minute and second, and perhaps a
  /// fraction of up to six digits. The text has 19 bytes at least.
  @inline(__always)
  private static func timeOfDay(_ at: Bytes, _ count: Int) -> Int64? {
    guard at[10] == UInt8(ascii: " ") || at[10] | 0x20 == UInt8(ascii: "t") else { return nil }
    // Eight bytes hh:mm:ss at a time: digits become 0...9 and colons 0; what is anything else gets its high bit.
    let word = UnsafeRawPointer(at + 11).loadUnaligned(as: UInt64.self).littleEndian ^ 0x3030_3a30_303a_3030
    if ((word &+ 0x7676_7f76_767f_7676) | word) & 0x8080_8080_8080_8080 != 0 { return nil }
    func digits(_ shift: UInt64) -> Int64 {
      Int64(truncatingIfNeeded: (word &>> shift & 0xf) &* 10 &+ (word &>> (shift &+ 8) & 0xf))
    }
    let (hour, minute, second) = (digits(0), digits(24), digits(48))
    if hour > 23 || minute > 59 || second > 59 { return nil }
    var microseconds = ((hour &* 60 &+ minute) &* 60 &+ second) &* SQLTimestamp.microsecondsPerSecond
    if count == 19 { return microseconds }
    if at[19] != UInt8(ascii: ".") || count > 26 { return nil }
    var unit: Int64 = 100_000
    for index in 20..<count {
      if !TextValues.isDigit(at[index]) { return nil }
      microseconds &+= Int64(at[index] &- UInt8(ascii: "0")) &* unit
      unit /= 10
    }
    return microseconds
  }
}
