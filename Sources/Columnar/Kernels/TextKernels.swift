import SQLTypes

extension Column {
  /// Builds a text column row by row; a null argument gives null. `body` appends one text's bytes to an empty scratch.
  static func textRows(_ inputs: [Column], _ body: (Int, inout [UInt8]) -> Void) -> Column {
    checkedTexts(inputs) { body($0, &$1) }.column
  }

  func asConstant(count: Int, if isConstant: Bool) -> Column {
    guard isConstant else { return self }
    return Column(physicalType, count: count, values: values, nulls: nulls, arenas: arenas, isConstant: true)
  }

  /// `lhs || rhs`.
  package static func concatenate(_ lhs: Column, _ rhs: Column) -> Column {
    textRows([lhs, rhs]) { row, scratch in
      lhs.withBytes(row) { scratch.append(contentsOf: $0) }
      rhs.withBytes(row) { scratch.append(contentsOf: $0) }
    }
  }

  /// Upper or lower case of ASCII letters, as collation "C" has it.
  package static func changeCase(_ input: Column, toUpper: Bool) -> Column {
    let (first, last): (UInt8, UInt8) = toUpper ? (0x61, 0x7a) : (0x41, 0x5a)
    return textRows([input]) { row, scratch in
      input.withBytes(row) { bytes in
        for byte in bytes { scratch.append(byte >= first && byte <= last ? byte ^ 0x20 : byte) }
      }
    }
  }

  /// Number of characters: bytes that do not continue one.
  package static func characterCount(_ input: Column) -> Column {
    let arenas = input.arenas
    return mapRows(input, TextView.self, into: .int32) { view in
      (view.withBytes(in: arenas) { bytes in
        var count: Int32 = 0
        for byte in bytes where byte & 0xc0 != 0x80 { count &+= 1 }
        return count
      }, 0)
    }.column
  }

  package static func byteLength(_ input: Column) -> Column {
    mapRows(input, TextView.self, into: .int32) { (Int32(truncatingIfNeeded: $0.length), 0) }.column
  }

  /// `text LIKE pattern`, with `escape` before a character that stands for itself; nil: no escape.
  ///
  /// - Faults: `outOfRange` where the pattern ends with the escape character.
  package static func like(_ text: Column, _ pattern: Column, escape: UInt8?, ignoringCase: Bool) -> KernelResult {
    if !ignoringCase, pattern.isConstant, pattern.count > 0, !pattern.isNull(0),
      let literal = pattern.literalBetweenPercents(escape: escape)
    {
      return contains(text, literal)
    }
    let (textArenas, patternArenas) = (text.arenas, pattern.arenas)
    return mapPairs(text, pattern, TextView.self, TextView.self, into: .bool) { text, pattern in
      text.withBytes(in: textArenas) { text in
        pattern.withBytes(in: patternArenas) { pattern in
          if endsWithEscape(pattern, escape) { return (0 as UInt8, KernelFault.outOfRange.rawValue) }
          return (byte(matchesLike(text, pattern, escape, ignoringCase)), 0)
        }
      }
    }
  }

  func withBytes(_ row: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
    value(row, as: TextView.self).withBytes(in: arenas, body)
  }

  /// Appends the decimal digits of integer row `row`.
  package func appendInteger(_ row: Int, to output: inout [UInt8]) {
    let value: Int64 =
      switch physicalType {
      case .int16: Int64(self.value(row, as: Int16.self))
      case .int32: Int64(self.value(row, as: Int32.self))
      default: self.value(row, as: Int64.self)
      }
    output.appendDecimal(value)
  }
}

private func endsWithEscape(_ pattern: UnsafeRawBufferPointer, _ escape: UInt8?) -> Bool {
  guard let escape else { return false }
  var index = 0
  while index < pattern.count {
    if pattern[index] == escape {
      if index + 1 == pattern.count { return true }
      index += 1
    }
    index += 1
  }
  return false
}

/// Greedy matching that goes back to the last `%` alone: linear in text for each run between two `%`.
private func matchesLike(
  _ text: UnsafeRawBufferPointer, _ pattern: UnsafeRawBufferPointer, _ escape: UInt8?, _ ignoringCase: Bool
) -> Bool {
  func fold(_ byte: UInt8) -> UInt8 { ignoringCase && byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte }
  func characterEnd(_ start: Int) -> Int {
    var end = start + 1
    while end < text.count && text[end] & 0xc0 == 0x80 { end += 1 }
    return end
  }
  var (t, p) = (0, 0)
  var retry: (text: Int, pattern: Int)?
  while true {
    if p < pattern.count {
      let byte = pattern[p]
      if byte == escape && p + 1 < pattern.count {
        if t < text.count && fold(text[t]) == fold(pattern[p + 1]) {
          t += 1
          p += 2
          continue
        }
      } else if byte == 0x25 {
        retry = (t, p + 1)
        p += 1
        continue
      } else if t < text.count && byte == 0x5f {
        t = characterEnd(t)
        p += 1
        continue
      } else if t < text.count && fold(text[t]) == fold(byte) {
        t += 1
        p += 1
        continue
      }
    } else if t == text.count {
      return true
    }
    guard let last = retry, last.text < text.count else { return false }
    t = characterEnd(last.text)
    p = last.pattern
    retry = (t, p)
  }
}

extension Column {
  /// The first `characters` characters: what a cast to `varchar(n)` keeps.
  package static func prefix(_ input: Column, characters: Int) -> Column {
    textRows([input]) { row, scratch in
      input.withBytes(row) { bytes in
        var left = characters
        for byte in bytes {
          if byte & 0xc0 != 0x80 {
            if left == 0 { break }
            left -= 1
          }
          scratch.append(byte)
        }
      }
    }
  }

  /// 1 for true, 0 for false, as integers.
  package static func booleanInteger(_ input: Column) -> Column {
    mapRows(input, UInt8.self, into: .int32) { (Int32($0), 0) }.column
  }
}

extension Column {
  /// Texts of at most `characters` characters, as assignment to a `varchar(n)` takes them: only blanks may be cut.
  ///
  /// - Errors: 22001.
  package static func fitting(_ input: Column, characters: Int) -> CheckedResult {
    let arenas = input.arenas
    let fits = checkedRows(input, TextView.self, into: .bool) { (view) throws(SQLError) in
      try view.withBytes(in: arenas) { (bytes) throws(SQLError) in
        var left = characters
        for byte in bytes where byte & 0xc0 != 0x80 {
          left -= 1
          if left < 0 && byte != 0x20 {
            throw SQLError(
              .stringDataRightTruncation, "value too long for type character varying(\(characters))")
          }
        }
        return byte(left >= 0)
      }
    }
    let allFit = (0..<fits.column.storedCount).allSatisfy {
      fits.column.isNull($0) || fits.column.value($0, as: UInt8.self) != 0
    }
    return CheckedResult(allFit ? input : prefix(input, characters: characters), errors: fits.errors)
  }
}
