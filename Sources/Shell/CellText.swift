internal import SQLTypes

/// A value's text made fit to be shown, in lines, with the width of each on the terminal.
///
/// As psql shows it: a line break begins a new line, a tab goes to the next multiple of 8, CR is `\r`, other control
/// characters are `\x1B` or `\u009B`. Bytes that are not UTF-8 are shown as `\xFF`.
struct CellText {
  struct Line {
    var bytes: Range<Int>
    var width: Int
  }

  /// What is written, without line breaks.
  private(set) var bytes: [UInt8] = []
  private(set) var lines: [Line] = []
  private var lineStart = 0
  private var lineWidth = 0

  /// The greatest width of a line.
  var width: Int { lines.reduce(0) { max($0, $1.width) } }

  /// Takes in a new value; the memory of the last one is used again.
  mutating func set(_ value: ArraySlice<UInt8>) {
    clear()
    if value.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
      bytes.append(contentsOf: value)
      lineWidth = value.count
    } else {
      appendCharacters(of: value)
    }
    endLine()
  }

  mutating func set(_ value: String) { set(Array(value.utf8)[...]) }

  private mutating func clear() {
    bytes.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
    lineStart = 0
    lineWidth = 0
  }

  private mutating func endLine() {
    lines.append(Line(bytes: lineStart..<bytes.count, width: lineWidth))
    lineStart = bytes.count
    lineWidth = 0
  }

  private mutating func appendCharacters(of value: ArraySlice<UInt8>) {
    var rest = value
    while let byte = rest.first {
      let (scalar, length) = Self.decode(rest)
      if let scalar { append(scalar, encodedAs: rest.prefix(length)) } else { appendEscape("\\x", UInt32(byte), digits: 2) }
      rest = rest.dropFirst(length)
    }
  }

  private mutating func append(_ scalar: Unicode.Scalar, encodedAs encoding: ArraySlice<UInt8>) {
    switch scalar {
    case "\n": endLine()
    case "\r": appendVisible("\\r")
    case "\t":
      let blanks = 8 - lineWidth % 8
      bytes.append(.space, times: blanks)
      lineWidth += blanks
    case _ where scalar.isControl:
      if scalar.value < 0x80 { appendEscape("\\x", scalar.value, digits: 2) } else { appendEscape("\\u", scalar.value, digits: 4) }
    default:
      bytes.append(contentsOf: encoding)
      lineWidth += scalar.displayWidth
    }
  }

  private mutating func appendVisible(_ text: String) {
    bytes.append(text: text)
    lineWidth += text.utf8.count
  }

  private mutating func appendEscape(_ prefix: String, _ value: UInt32, digits: Int) {
    let text = String(value, radix: 16, uppercase: true)
    appendVisible(prefix + String(repeating: "0", count: max(0, digits - text.utf8.count)) + text)
  }

  /// The first character and its length in bytes; nil and 1 if the bytes are not UTF-8.
  private static func decode(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar?, Int) {
    let first = bytes[bytes.startIndex]
    let length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0
    guard length > 0, length <= bytes.count else { return (nil, 1) }
    if length == 1 { return (Unicode.Scalar(first), 1) }
    var value = UInt32(first) & (0xFF >> UInt32(length + 1))
    for byte in bytes.dropFirst().prefix(length - 1) {
      guard byte & 0xC0 == 0x80 else { return (nil, 1) }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    let least: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
    guard value >= least, let scalar = Unicode.Scalar(value) else { return (nil, 1) }
    return (scalar, length)
  }
}
