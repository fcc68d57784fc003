internal import CScan

/// Reads JSON lines into `ScanColumns`, after a schema. It keeps nothing between scans but its guesses of the key order.
///
/// - Cost: O(bytes), whatever the number of fields.
@safe
package struct JSONScanner: ~Copyable {
  typealias Bytes = UnsafePointer<UInt8>

  /// The key that stood at a place in an earlier record: `length` raw bytes with both quotes, never more than 32.
  struct Guess {
    var mask: UInt32
    var length: Int
    var field: Int
  }

  static let guessLimit = 64
  static let guessBytes = 32
  static let paddingBytes = 64

  package let fields: [ScanField]
  private let names: FieldNames
  let guesses: UnsafeMutablePointer<Guess>
  let guessTexts: UnsafeMutablePointer<UInt8>
  var guessCount = 0

  // What a failed or slow step says beside its result.
  var fault = ScanFault.malformed
  var faultPlace: Bytes
  var hasValueFault = false
  var hasEscapes = false
  var keyField = -1
  var origin: UInt = 0  // address that slices count from: the input's start, or where a copied tail would have it

  package init(_ fields: [ScanField]) {
    self.fields = fields
    names = FieldNames(fields)
    guesses = .allocate(capacity: Self.guessLimit)
    guessTexts = .allocate(capacity: Self.guessLimit * Self.guessBytes)
    guessTexts.initialize(repeating: 0, count: Self.guessLimit * Self.guessBytes)
    faultPlace = Bytes(guessTexts)
  }

  deinit {
    guesses.deallocate()
    guessTexts.deallocate()
  }

  /// Scans lines, replacing what `columns` held; returns how many bytes of the input are done with.
  ///
  /// - `input`: below 2 GiB, starting at the start of a line. Slices point into it.
  /// - `isFinal`: whether the input ends here, so that a last line without a line feed counts. Otherwise such a line is left.
  /// - `recordLimit`: stops behind that many records; positive.
  /// - `columns`: made for the same fields.
  package mutating func scan(
    _ input: Span<UInt8>, isFinal: Bool, recordLimit: Int = .max, into columns: inout ScanColumns
  ) -> Int {
    precondition(input.count < 1 << 31, "input of 2 GiB or more")
    precondition(columns.fields == fields, "columns of another schema")
    columns.clear()
    return input.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return 0 }
      let count = buffer.count
      let inPlace = endOfLines(start, count - Self.paddingBytes)
      origin = UInt(bitPattern: start)
      let done = lines(start, start + inPlace, recordLimit, into: &columns)
      let end = isFinal ? count : max(endOfLines(start, count), inPlace)
      if done < start + inPlace || end == inPlace || columns.recordCount == recordLimit { return done - start }
      return inPlace + tail(start + inPlace, end - inPlace, recordLimit, into: &columns)
    }
  }

  /// How many of the first `count` bytes are whole lines.
  private func endOfLines(_ start: Bytes, _ count: Int) -> Int {
    var end = max(count, 0)
    while end > 0, start[end - 1] != lineFeed { end -= 1 }
    return end
  }

  /// Scans lines that lie too near to the input's end to be read past, in a padded copy. Returns how many bytes are done with.
  private mutating func tail(_ start: Bytes, _ count: Int, _ recordLimit: Int, into columns: inout ScanColumns) -> Int {
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: count + 1 + Self.paddingBytes)
    defer { copy.deallocate() }
    copy.initialize(from: start, count: count)
    (copy + count).initialize(repeating: 0, count: 1 + Self.paddingBytes)
    let hasLineFeed = copy[count - 1] == lineFeed
    if !hasLineFeed { copy[count] = lineFeed }
    origin = UInt(bitPattern: copy) &- (UInt(bitPattern: start) &- origin)
    let end = lines(Bytes(copy), Bytes(copy) + count + (hasLineFeed ? 0 : 1), recordLimit, into: &columns)
    return min(end - Bytes(copy), count)
  }

  /// Scans whole lines, the last of which ends at `end`, up to a number of records. Returns the end of the last one scanned.
  private mutating func lines(_ start: Bytes, _ end: Bytes, _ recordLimit: Int, into columns: inout ScanColumns) -> Bytes {
    var next = start
    while next < end, columns.recordCount < recordLimit {
      let line = next
      let first = skipSpace(next)
      if first.pointee == lineFeed {
        columns.blankLineCount += 1
        next = first + 1
        continue
      }
      if columns.rowCount == columns.capacity { columns.grow() }
      let arenaMark = columns.arenaCount
      hasValueFault = false
      let after = object(first, row: columns.rowCount, into: &columns)
      if let after, !hasValueFault || !reportsValueFault(line, after, in: &columns) {
        columns.lineOffsets[columns.rowCount] = UInt32(truncatingIfNeeded: offset(line))
        columns.rowCount += 1
        next = after + 1
        continue
      }
      if let after {
        next = after + 1
      } else {
        next = faultPlace
        while next.pointee != lineFeed { next += 1 }
        let bytes = offset(line)..<offset(next)
        report(BadRecord(record: columns.recordCount, bytes: bytes, fault: fault, field: nil, offset: offset(faultPlace)), in: &columns)
        next += 1
      }
      columns.clearRow()
      columns.arenaCount = arenaMark
    }
    return next
  }

  private func report(_ bad: BadRecord, in columns: inout ScanColumns) { columns.badRecords.append(bad) }

  /// Reports the first field whose last value does not fit; false if a later value of the same name did.
  private func reportsValueFault(_ line: Bytes, _ end: Bytes, in columns: inout ScanColumns) -> Bool {
    let row = columns.rowCount
    for field in fields.indices where columns.columns[field].nulls[row] == faultFlag {
      let fault = ScanFault(rawValue: UInt8(truncatingIfNeeded: columns.columns[field].slots[row])) ?? .invalidValue
      let bytes = offset(line)..<offset(end)
      report(
        BadRecord(record: columns.recordCount, bytes: bytes, fault: fault, field: field, offset: offset(line)), in: &columns)
      return true
    }
    return false
  }

  @inline(__always)
  func offset(_ place: Bytes) -> Int { Int(bitPattern: UInt(bitPattern: place) &- origin) }

  /// Notes a fault of form and gives up the record.
  mutating func fail(_ fault: ScanFault, at place: Bytes) -> Bytes? {
    self.fault = fault
    faultPlace = place
    return nil
  }

  /// object = "{" [ member { "," member } ] "}" line-feed, with spaces between. Returns the place of the line feed.
  private mutating func object(_ start: Bytes, row: Int, into columns: inout ScanColumns) -> Bytes? {
    var at = start
    if at.pointee != UInt8(ascii: "{") { return fail(.notAnObject, at: at) }
    at = skipSpace(at + 1)
    if at.pointee == UInt8(ascii: "}") { return endOfRecord(at + 1) }
    let fieldColumns = columns.columns
    var place = 0
    while true {
      var field: Int
      if place < guessCount, isGuessed(place, at) {
        field = guesses[place].field
        at += guesses[place].length
        place += 1
      } else {
        guard let after = unguessedKey(at, &place, &columns) else { return nil }
        field = keyField
        at = after
      }
      if at.pointee != UInt8(ascii: ":") {
        at = skipSpace(at)
        if at.pointee != UInt8(ascii: ":") { return fail(.malformed, at: at) }
      }
      at += 1
      if at.pointee <= 0x20 { at = skipSpace(at) }

      if field < 0 {
        guard let after = skipValue(at) else { return nil }
        at = after
      } else {
        let column = fieldColumns + field
        let kind = column.pointee.kind
        if kind.rawValue <= ScanKind.smallint.rawValue, let (value, after) = shortInteger(at), fits(value, kind) {
          column.pointee.slots[row] = UInt64(bitPattern: value)
          column.pointee.nulls[row] = 0
          at = after
        } else if kind == .text || kind == .moment, at.pointee == quote, let after = plainString(at) {
          let slice = ScanSlice(place: UInt32(truncatingIfNeeded: offset(at + 1)), length: after - at - 2)
          column.pointee.slots[row] = unsafeBitCast(slice, to: UInt64.self)
          column.pointee.nulls[row] = 0
          at = after
        } else {
          guard let after = value(at, field: field, row: row, into: &columns) else { return nil }
          at = after
        }
      }

      if at.pointee <= 0x20 { at = skipSpace(at) }
      if at.pointee == UInt8(ascii: ",") {
        at += 1
        if at.pointee <= 0x20 { at = skipSpace(at) }
      } else if at.pointee == UInt8(ascii: "}") {
        return endOfRecord(at + 1)
      } else {
        return fail(.malformed, at: at)
      }
    }
  }

  private mutating func endOfRecord(_ start: Bytes) -> Bytes? {
    let at = skipSpace(start)
    return at.pointee == lineFeed ? at : fail(.trailingBytes, at: at)
  }

  @inline(__always)
  private func isGuessed(_ place: Int, _ at: Bytes) -> Bool {
    let mask = guesses[place].mask
    return cscan_equal_bytes(at, guessTexts + place * Self.guessBytes) & mask == mask
  }

  /// Reads a key that is not the guessed one and sets `keyField`: perhaps members were left out, so that it is one of the
  /// next guesses; otherwise it is looked up, and becomes the guess.
  private mutating func unguessedKey(_ start: Bytes, _ place: inout Int, _ columns: inout ScanColumns) -> Bytes? {
    var later = place + 1
    while later < min(place + 5, guessCount) {
      if isGuessed(later, start) {
        place = later + 1
        keyField = guesses[later].field
        return start + guesses[later].length
      }
      later += 1
    }
    if start.pointee != quote { return fail(.malformed, at: start) }
    guard let end = skipString(start) else { return nil }
    if hasEscapes {
      let mark = columns.arenaCount
      let name = decode(start + 1, end - 1, into: &columns)
      keyField = field(named: Bytes(columns.arenaBytes) + mark, count: name.range.count)
      columns.arenaCount = mark
    } else {
      keyField = field(named: start + 1, count: end - start - 2)
    }
    if place < Self.guessLimit, place <= guessCount {
      let text = guessTexts + place * Self.guessBytes
      let length = end - start
      text.update(repeating: 0, count: Self.guessBytes)
      if length <= Self.guessBytes, !hasEscapes {
        text.update(from: start, count: length)
        guesses[place] = Guess(mask: UInt32((UInt64(1) << UInt64(length)) - 1), length: length, field: keyField)
      } else {
        guesses[place] = Guess(mask: .max, length: 0, field: -1)  // zero bytes start no key: never guessed
      }
      guessCount = max(guessCount, place + 1)
    }
    place += 1
    return end
  }

  /// The declared field of that name; of equal declared names the first. -1 if there is none.
  private func field(named name: Bytes, count: Int) -> Int {
    var slot = names.slot(of: UnsafeBufferPointer(start: name, count: count))
    while true {
      let index = names.field(at: slot)
      if index < 0 { return -1 }
      let declared = fields[index].name
      if declared.count == count {
        let isEqual = declared.withUnsafeBufferPointer { declared in
          for position in 0..<count where declared[position] != name[position] { return false }
          return true
        }
        if isEqual { return index }
      }
      slot += 1
    }
  }

  @inline(__always)
  private func fits(_ value: Int64, _ kind: ScanKind) -> Bool {
    switch kind {
    case .bigint: true
    case .integer: Int64(Int32(truncatingIfNeeded: value)) == value
    default: Int64(Int16(truncatingIfNeeded: value)) == value
    }
  }

  /// An integer of up to 15 digits that is wholly a JSON number; nil sends it, good or bad, the long way.
  @inline(__always)
  private func shortInteger(_ start: Bytes) -> (Int64, Bytes)? {
    let isNegative = start.pointee == UInt8(ascii: "-")
    var at = isNegative ? start + 1 : start
    var (value, digits) = eightDigits(at)
    if digits == 0 || digits > 1 && at.pointee == UInt8(ascii: "0") { return nil }
    at += digits
    if digits == 8 {
      let (more, moreDigits) = eightDigits(at)
      if moreDigits == 8 { return nil }
      for _ in 0..<moreDigits { value &*= 10 }
      value &+= more
      at += moreDigits
    }
    let next = at.pointee
    if next == UInt8(ascii: ".") || next | 0x20 == UInt8(ascii: "e") { return nil }
    let signed = Int64(bitPattern: value)
    return (isNegative ? 0 &- signed : signed, at)
  }

  /// The number that the digits at the start of eight bytes make, and how many there are (little-endian machines).
  @inline(__always)
  private func eightDigits(_ start: Bytes) -> (UInt64, Int) {
    let word = UnsafeRawPointer(start).loadUnaligned(as: UInt64.self).littleEndian ^ 0x3030_3030_3030_3030
    // A byte above 9 gets its high bit; a carry can only spoil bytes after the first such, which is all we look for.
    let others = ((word &+ 0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080
    let digits = others.trailingZeroBitCount >> 3
    if digits == 0 { return (0, 0) }
    var value = word &<< UInt64(64 - 8 * digits)  // zeros in front
    value = (value &* 2561) >> 8 & 0x00ff_00ff_00ff_00ff
    value = (value &* 6_553_601) >> 16 & 0x0000_ffff_0000_ffff
    value = (value &* 42_949_672_960_001) >> 32
    return (value, digits)
  }

  /// The end of a string without escapes and of ASCII only; nil sends it, good or bad, the long way.
  @inline(__always)
  private func plainString(_ start: Bytes) -> Bytes? {
    var at = start + 1
    while true {
      let stops = cscan_string_stops(at)
      if stops != 0 {
        at += stops.trailingZeroBitCount
        return at.pointee == quote ? at + 1 : nil
      }
      at += 32
    }
  }
}
