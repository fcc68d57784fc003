internal import CScan

let quote = UInt8(ascii: "\"")
let lineFeed = UInt8(ascii: "\n")
/// Null flag of a value that does not fit its kind, while its record is being scanned; the slot then holds the fault.
let faultFlag: UInt8 = 2

/// JSON's white space but the line feed, which ends the record.
@inline(__always)
func skipSpace(_ start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
  var at = start
  while at.pointee == 0x20 || at.pointee == 0x09 || at.pointee == 0x0d { at += 1 }
  return at
}

extension JSONScanner {
  /// Reads any value of a declared field, off the fast path, and fills its slot. Returns the value's end.
  mutating func value(_ start: Bytes, field: Int, row: Int, into columns: inout ScanColumns) -> Bytes? {
    let kind = columns.columns[field].kind
    guard let end = skipValue(start) else { return nil }
    let slot: TextValues.Slot
    switch start.pointee {
    case UInt8(ascii: "n") where kind != .member:
      columns.columns[field].slots[row] = 0
      columns.columns[field].nulls[row] = 1
      return end
    case quote where kind.rawValue < ScanKind.json.rawValue:
      if hasEscapes {
        let slice = decode(start + 1, end - 1, into: &columns)
        let bytes = Bytes(columns.arenaBytes)
        slot = convert(bytes + slice.range.lowerBound, slice.range.count, kind, arena: bytes)
      } else {
        slot = convert(start + 1, end - start - 2, kind, arena: nil)
      }
    default:
      slot = convert(start, end - start, kind, arena: nil)
    }
    switch slot {
    case .bits(let bits):
      columns.columns[field].slots[row] = bits
      columns.columns[field].nulls[row] = 0
    case .fault(let fault):
      columns.columns[field].slots[row] = UInt64(fault.rawValue)
      columns.columns[field].nulls[row] = faultFlag
      hasValueFault = true
    }
    return end
  }

  /// The slot for a text: the text of a string, or the JSON text of another value.
  private func convert(_ start: Bytes, _ count: Int, _ kind: ScanKind, arena: Bytes?) -> TextValues.Slot {
    switch kind {
    case .bigint: return TextValues.integer(start, count, least: .min)
    case .integer: return TextValues.integer(start, count, least: Int64(Int32.min))
    case .smallint: return TextValues.integer(start, count, least: Int64(Int16.min))
    case .double: return TextValues.double(start, count)
    case .real: return TextValues.real(start, count)
    case .boolean: return TextValues.boolean(start, count)
    case .numeric:
      let number = TextValues.trim(start, count)
      if !TextValues.isNumeric(number.start, number.count) { return .fault(.invalidValue) }
      return slice(number.start, number.count, arena)
    case .text, .moment, .json, .member:
      return slice(start, count, arena)
    }
  }

  private func slice(_ start: Bytes, _ count: Int, _ arena: Bytes?) -> TextValues.Slot {
    let place = arena.map { UInt32(truncatingIfNeeded: start - $0) | ScanSlice.arenaBit }
    let slice = ScanSlice(place: place ?? UInt32(truncatingIfNeeded: offset(start)), length: count)
    return .bits(unsafeBitCast(slice, to: UInt64.self))
  }

  /// The end of a value that need only be well-formed. For a string `hasEscapes` is set.
  ///
  /// No recursion: one bit for each open container says whether it is an object, so 64 levels are all there can be.
  mutating func skipValue(_ start: Bytes) -> Bytes? {
    var at = start
    var depth = 0
    var objects: UInt64 = 0
    while true {
      let byte = at.pointee
      var isOpen = false  // inside a container, before a member or element
      switch byte {
      case quote:
        guard let end = skipString(at) else { return nil }
        at = end
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        if depth == 64 { return fail(.tooDeep, at: at) }
        let isObject = byte == UInt8(ascii: "{")
        depth += 1
        objects = objects << 1 | (isObject ? 1 : 0)
        at = skipSpace(at + 1)
        isOpen = at.pointee != (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        guard let end = skipNumber(at) else { return nil }
        at = end
      default:
        guard let end = skipLiteral(at) else { return nil }
        at = end
      }
      // Close what ends here, up to a comma, or to the end of the outermost value.
      while !isOpen {
        if depth == 0 { return at }
        at = skipSpace(at)
        if at.pointee == UInt8(ascii: ",") {
          at = skipSpace(at + 1)
          isOpen = true
        } else if at.pointee == (objects & 1 == 1 ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          at += 1
          depth -= 1
          objects >>= 1
        } else {
          return fail(.malformed, at: at)
        }
      }
      if objects & 1 == 1 {
        guard let value = skipKey(at) else { return nil }
        at = value
      }
    }
  }

  /// The start of the value behind a key.
  private mutating func skipKey(_ start: Bytes) -> Bytes? {
    if start.pointee != quote { return fail(.malformed, at: start) }
    guard let end = skipString(start) else { return nil }
    let at = skipSpace(end)
    return at.pointee == UInt8(ascii: ":") ? skipSpace(at + 1) : fail(.malformed, at: at)
  }

  private mutating func skipLiteral(_ start: Bytes) -> Bytes? {
    let word: StaticString
    switch start.pointee {
    case UInt8(ascii: "t"): word = "true"
    case UInt8(ascii: "f"): word = "false"
    case UInt8(ascii: "n"): word = "null"
    default: return fail(.malformed, at: start)
    }
    for index in 0..<word.utf8CodeUnitCount where start[index] != word.utf8Start[index] {
      return fail(.malformed, at: start + index)
    }
    return start + word.utf8CodeUnitCount
  }

  /// number = ["-"] ("0" | digit-but-0 {digit}) ["." digit {digit}] [("e" | "E") ["+" | "-"] digit {digit}]
  private mutating func skipNumber(_ start: Bytes) -> Bytes? {
    func skipDigits(_ start: Bytes) -> Bytes {
      var at = start
      while TextValues.isDigit(at.pointee) { at += 1 }
      return at
    }
    let first = start.pointee == UInt8(ascii: "-") ? start + 1 : start
    var at = skipDigits(first)
    if at == first || first.pointee == UInt8(ascii: "0") && at - first > 1 { return fail(.malformedNumber, at: at) }
    if at.pointee == UInt8(ascii: ".") {
      let fraction = at + 1
      at = skipDigits(fraction)
      if at == fraction { return fail(.malformedNumber, at: at) }
    }
    if at.pointee | 0x20 == UInt8(ascii: "e") {
      at += 1
      if at.pointee == UInt8(ascii: "+") || at.pointee == UInt8(ascii: "-") { at += 1 }
      let exponent = at
      at = skipDigits(exponent)
      if at == exponent { return fail(.malformedNumber, at: at) }
    }
    return at
  }
}
