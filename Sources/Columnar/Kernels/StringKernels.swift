import SQLTypes

/// Which ends of a text are trimmed.
package enum TextSide: Sendable { case leading, trailing, both }

/// Parts of texts and texts made of others, by PostgreSQL 15's rules; positions count characters from 1.
extension Column {
  /// `btrim`, `ltrim`, `rtrim`: without the characters that `characters` holds, at the ends.
  package static func trim(_ input: Column, _ characters: Column, _ side: TextSide) -> CheckedResult {
    checkedTexts([input, characters]) { (row, scratch) throws(SQLError) in
      let (text, set) = (input.bytes(row), characters.bytes(row))
      func isTrimmed(_ start: Int, _ end: Int) -> Bool {
        let character = text.slice(start, end)
        var at = 0
        while at < set.count {
          let next = set.characterEnd(at)
          if next - at == character.count && set.hasBytes(character, at: at) { return true }
          at = next
        }
        return false
      }
      var (start, end) = (0, text.count)
      if side != .trailing {
        while start < end, isTrimmed(start, text.characterEnd(start)) { start = text.characterEnd(start) }
      }
      if side != .leading {
        while end > start, isTrimmed(text.characterStart(before: end), end) { end = text.characterStart(before: end) }
      }
      scratch.append(contentsOf: text.slice(start, end))
    }
  }

  /// `substr(text, start [, length])`. Errors: 22011 for a negative length.
  package static func substring(_ input: Column, from start: Column, length: Column?) -> CheckedResult {
    checkedTexts([input, start] + (length.map { [$0] } ?? [])) { (row, scratch) throws(SQLError) in
      let text = input.bytes(row)
      let first = start.integer(row)
      var count = Int.max
      if let length {
        let wanted = length.integer(row)
        if wanted < 0 { throw SQLError(.substringError, "negative substring length not allowed") }
        count = max(0, first + wanted - max(first, 1))
      }
      let begin = text.offset(ofCharacter: max(first, 1) - 1)
      let end = count == Int.max ? text.count : text.offset(ofCharacter: count, from: begin)
      scratch.append(contentsOf: text.slice(begin, end))
    }
  }

  /// `left(text, n)` and `right(text, n)`; a negative n leaves out that many characters at the other end.
  package static func edge(_ input: Column, _ counts: Column, isLeft: Bool) -> CheckedResult {
    checkedTexts([input, counts]) { (row, scratch) throws(SQLError) in
      let (text, n) = (input.bytes(row), counts.integer(row))
      let total = text.characterCount
      let kept = n >= 0 ? min(n, total) : max(0, total + n)
      let cut = text.offset(ofCharacter: isLeft ? kept : total - kept)
      scratch.append(contentsOf: isLeft ? text.slice(0, cut) : text.slice(cut, text.count))
    }
  }

  /// `replace(text, from, to)`. Errors: 54000.
  package static func replace(_ input: Column, _ from: Column, _ to: Column) -> CheckedResult {
    checkedTexts([input, from, to]) { (row, scratch) throws(SQLError) in
      let (text, old, new) = (input.bytes(row), from.bytes(row), to.bytes(row))
      var at = 0
      while !old.isEmpty, let found = text.firstOffset(of: old, from: at) {
        scratch.append(contentsOf: text.slice(at, found))
        scratch.append(contentsOf: new)
        if scratch.count > textBytesLimit { throw .textTooLong() }
        at = found + old.count
      }
      scratch.append(contentsOf: text.slice(at, text.count))
    }
  }

  package static func reverse(_ input: Column) -> CheckedResult {
    checkedTexts([input]) { (row, scratch) throws(SQLError) in
      let text = input.bytes(row)
      var end = text.count
      while end > 0 {
        let start = text.characterStart(before: end)
        scratch.append(contentsOf: text.slice(start, end))
        end = start
      }
    }
  }

  /// `repeat(text, n)`. Errors: 54000.
  package static func repeated(_ input: Column, _ counts: Column) -> CheckedResult {
    checkedTexts([input, counts]) { (row, scratch) throws(SQLError) in
      let (text, n) = (input.bytes(row), max(0, counts.integer(row)))
      if text.isEmpty { return }
      let (bytes, overflow) = text.count.multipliedReportingOverflow(by: n)
      if overflow || bytes > textBytesLimit { throw .textTooLong() }
      scratch.reserveCapacity(bytes)
      for _ in 0..<n { scratch.append(contentsOf: text) }
    }
  }

  /// `lpad` and `rpad`: exactly n characters, cut at the right or filled with `fill`. Errors: 54000.
  package static func pad(_ input: Column, _ counts: Column, _ fill: Column, isLeft: Bool) -> CheckedResult {
    checkedTexts([input, counts, fill]) { (row, scratch) throws(SQLError) in
      let (text, fill, n) = (input.bytes(row), fill.bytes(row), max(0, counts.integer(row)))
      let kept = text.slice(0, text.offset(ofCharacter: n))
      let missing = fill.isEmpty ? 0 : n - kept.characterCount
      // A character has at most four bytes.
      if kept.count + missing * 4 > textBytesLimit { throw .textTooLong() }
      if !isLeft { scratch.append(contentsOf: kept) }
      var at = 0
      for _ in 0..<missing {
        let end = fill.characterEnd(at)
        scratch.append(contentsOf: fill.slice(at, end))
        at = end == fill.count ? 0 : end
      }
      if isLeft { scratch.append(contentsOf: kept) }
    }
  }

  /// `split_part(text, delimiter, n)`; a negative n counts from the end. Errors: 22023 for 0.
  package static func splitPart(_ input: Column, _ delimiters: Column, _ numbers: Column) -> CheckedResult {
    checkedTexts([input, delimiters, numbers]) { (row, scratch) throws(SQLError) in
      let (text, delimiter, n) = (input.bytes(row), delimiters.bytes(row), numbers.integer(row))
      if n == 0 { throw SQLError(.invalidParameterValue, "field position must not be zero") }
      if delimiter.isEmpty {
        if n == 1 || n == -1 { scratch.append(contentsOf: text) }
        return
      }
      var fields = 1
      var at = 0
      if n < 0 {
        while let found = text.firstOffset(of: delimiter, from: at) {
          fields += 1
          at = found + delimiter.count
        }
        at = 0
      }
      var skipped = n > 0 ? n - 1 : fields + n
      if skipped < 0 { return }
      while skipped > 0 {
        guard let found = text.firstOffset(of: delimiter, from: at) else { return }
        at = found + delimiter.count
        skipped -= 1
      }
      scratch.append(contentsOf: text.slice(at, text.firstOffset(of: delimiter, from: at) ?? text.count))
    }
  }

  /// `translate(text, from, to)`: each character of `from` becomes the one at its place in `to`, or nothing.
  package static func translate(_ input: Column, _ from: Column, _ to: Column) -> CheckedResult {
    checkedTexts([input, from, to]) { (row, scratch) throws(SQLError) in
      let (text, from, to) = (input.bytes(row), from.bytes(row), to.bytes(row))
      var at = 0
      while at < text.count {
        let end = text.characterEnd(at)
        let character = text.slice(at, end)
        var (place, index) = (0, 0)
        while place < from.count {
          let next = from.characterEnd(place)
          if next - place == character.count && from.hasBytes(character, at: place) { break }
          place = next
          index += 1
        }
        if place == from.count {
          scratch.append(contentsOf: character)
        } else {
          let start = to.offset(ofCharacter: index)
          if start < to.count { scratch.append(contentsOf: to.slice(start, to.characterEnd(start))) }
        }
        at = end
      }
    }
  }

  /// `overlay(text PLACING part FROM start FOR length)`; nil is as long as the part. Errors: 22003, 22011, 54000.
  package static func overlay(_ input: Column, _ part: Column, _ start: Column, _ length: Column?) -> CheckedResult {
    checkedTexts([input, part, start] + (length.map { [$0] } ?? [])) { (row, scratch) throws(SQLError) in
      let (text, part, first) = (input.bytes(row), part.bytes(row), start.integer(row))
      if first <= 0 { throw SQLError(.substringError, "negative substring length not allowed") }
      let next = first + (length?.integer(row) ?? part.characterCount)
      if next > Int(Int32.max) { throw .outOfRange(.integer) }
      let after = next - 1
      scratch.append(contentsOf: text.slice(0, text.offset(ofCharacter: first - 1)))
      scratch.append(contentsOf: part)
      scratch.append(contentsOf: text.slice(text.offset(ofCharacter: max(0, after)), text.count))
      if scratch.count > textBytesLimit { throw .textTooLong() }
    }
  }

  /// `initcap`: ASCII letters, as collation "C" has it.
  package static func initialCapitals(_ input: Column) -> CheckedResult {
    checkedTexts([input]) { (row, scratch) throws(SQLError) in
      var isInside = false
      for byte in input.bytes(row) {
        let isLower = byte >= 0x61 && byte <= 0x7a
        let isUpper = byte >= 0x41 && byte <= 0x5a
        scratch.append((isInside && isUpper) || (!isInside && isLower) ? byte ^ 0x20 : byte)
        isInside = isLower || isUpper || (byte >= 0x30 && byte <= 0x39)
      }
    }
  }

  /// `concat` and `concat_ws`: the arguments that are not null, `separator` between them; null where that is null.
  ///
  /// - Shapes: texts and booleans, which are written `t` and `f`. Errors: 54000.
  package static func concatenate(_ inputs: [Column], separator: Column?, count: Int) -> CheckedResult {
    var builder = TextBuilder(capacity: count)
    var errors: [(row: Int, error: SQLError)] = []
    var scratch: [UInt8] = []
    for row in 0..<count {
      if let separator, separator.isNull(row) {
        builder.appendNull()
        continue
      }
      scratch.removeAll(keepingCapacity: true)
      var isFirst = true
      for input in inputs where !input.isNull(row) {
        if let separator, !isFirst { scratch.append(contentsOf: separator.bytes(row)) }
        isFirst = false
        if input.physicalType == .bool {
          scratch.append(input.value(row, as: UInt8.self) != 0 ? 0x74 : 0x66)
        } else {
          scratch.append(contentsOf: input.bytes(row))
        }
        if scratch.count > textBytesLimit { break }
      }
      if scratch.count > textBytesLimit {
        errors.append((row, .textTooLong()))
        builder.appendNull()
      } else {
        builder.append(scratch.span)
      }
    }
    return CheckedResult(builder.finish(), errors: errors)
  }
}
