internal import CScan

extension JSONScanner {
  /// The end of a string, behind its closing quote; sets `hasEscapes`. All of it is checked: escapes, surrogates, UTF-8.
  mutating func skipString(_ start: Bytes) -> Bytes? {
    var at = start + 1
    hasEscapes = false
    while true {
      let stops = cscan_string_stops(at)
      if stops == 0 {
        at += 32
        continue
      }
      at += stops.trailingZeroBitCount
      switch at.pointee {
      case quote:
        return at + 1
      case UInt8(ascii: "\\"):
        hasEscapes = true
        guard let end = skipEscape(at) else { return nil }
        at = end
      case lineFeed:
        return fail(.malformed, at: at)
      case 0..<0x20:
        return fail(.controlCharacter, at: at)
      default:
        repeat {
          let length = characterLength(at)
          if length == 0 { return fail(.invalidUTF8, at: at) }
          at += length
        } while at.pointee >= 0x80
      }
    }
  }

  /// Bytes of the well-formed UTF-8 character of more than one byte here (Unicode 15, table 3-7); 0 if it is none.
  private func characterLength(_ at: Bytes) -> Int {
    func isTail(_ byte: UInt8) -> Bool { byte & 0xc0 == 0x80 }
    switch at[0] {
    case 0xc2...0xdf: return isTail(at[1]) ? 2 : 0
    case 0xe0: return at[1] >= 0xa0 && at[1] <= 0xbf && isTail(at[2]) ? 3 : 0
    case 0xed: return at[1] >= 0x80 && at[1] <= 0x9f && isTail(at[2]) ? 3 : 0
    case 0xe1...0xef: return isTail(at[1]) && isTail(at[2]) ? 3 : 0
    case 0xf0: return at[1] >= 0x90 && at[1] <= 0xbf && isTail(at[2]) && isTail(at[3]) ? 4 : 0
    case 0xf1...0xf3: return isTail(at[1]) && isTail(at[2]) && isTail(at[3]) ? 4 : 0
    case 0xf4: return at[1] >= 0x80 && at[1] <= 0x8f && isTail(at[2]) && isTail(at[3]) ? 4 : 0
    default: return 0
    }
  }

  /// The end of an escape, or of the two that make a surrogate pair.
  private mutating func skipEscape(_ start: Bytes) -> Bytes? {
    switch start[1] {
    case quote, UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
      UInt8(ascii: "r"), UInt8(ascii: "t"):
      return start + 2
    case UInt8(ascii: "u"):
      guard let unit = hexadecimal(start + 2) else { return fail(.invalidEscape, at: start) }
      if unit == 0 { return fail(.nulCharacter, at: start) }
      if unit < 0xd800 || unit > 0xdfff { return start + 6 }
      guard unit < 0xdc00, start[6] == UInt8(ascii: "\\"), start[7] == UInt8(ascii: "u") else {
        return fail(.loneSurrogate, at: start)
      }
      guard let low = hexadecimal(start + 8) else { return fail(.invalidEscape, at: start + 6) }
      return low >= 0xdc00 && low <= 0xdfff ? start + 12 : fail(.loneSurrogate, at: start)
    default:
      return fail(.invalidEscape, at: start)
    }
  }

  /// The number that four hexadecimal digits make.
  private func hexadecimal(_ start: Bytes) -> UInt32? {
    var value: UInt32 = 0
    for index in 0..<4 {
      let byte = start[index]
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
      default: return nil  // a line feed, too
      }
    }
    return value
  }

  /// Decodes the inside of a string that `skipString` passed, onto the end of the arena.
  func decode(_ start: Bytes, _ end: Bytes, into columns: inout ScanColumns) -> ScanSlice {
    columns.reserveArena(end - start)  // no escape is shorter than what it stands for
    let mark = columns.arenaCount
    let output = columns.arenaBytes
    var count = mark
    var at = start
    while at < end {
      if at.pointee != UInt8(ascii: "\\") {
        output[count] = at.pointee
        count += 1
        at += 1
        continue
      }
      switch at[1] {
      case UInt8(ascii: "b"): output[count] = 0x08
      case UInt8(ascii: "f"): output[count] = 0x0c
      case UInt8(ascii: "n"): output[count] = 0x0a
      case UInt8(ascii: "r"): output[count] = 0x0d
      case UInt8(ascii: "t"): output[count] = 0x09
      case UInt8(ascii: "u"):
        var scalar = hexadecimal(at + 2) ?? 0xfffd
        at += 6
        if scalar >= 0xd800, scalar <= 0xdbff {
          scalar = 0x10000 + (scalar - 0xd800) << 10 + (hexadecimal(at + 2) ?? 0xdc00) - 0xdc00
          at += 6
        }
        count += encode(scalar, to: output + count)
        continue
      default: output[count] = at[1]
      }
      count += 1
      at += 2
    }
    columns.arenaCount = count
    return ScanSlice(place: UInt32(truncatingIfNeeded: mark) | ScanSlice.arenaBit, length: count - mark)
  }

  /// Writes a scalar as UTF-8; returns how many bytes.
  private func encode(_ scalar: UInt32, to output: UnsafeMutablePointer<UInt8>) -> Int {
    func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(scalar >> shift & 0x3f) }
    if scalar < 0x80 {
      output[0] = UInt8(scalar)
      return 1
    }
    if scalar < 0x800 {
      output[0] = 0xc0 | UInt8(scalar >> 6)
      output[1] = tail(0)
      return 2
    }
    if scalar < 0x10000 {
      output[0] = 0xe0 | UInt8(scalar >> 12)
      output[1] = tail(6)
      output[2] = tail(0)
      return 3
    }
    output[0] = 0xf0 | UInt8(scalar >> 18)
    output[1] = tail(12)
    output[2] = tail(6)
    output[3] = tail(0)
    return 4
  }
}
