import SQLTypes

/// The longest text that a function may make, in bytes: a call that would exceed it is refused before memory is taken.
let textBytesLimit = 64 << 20

extension SQLError {
  @inline(never)
  static func textTooLong() -> SQLError { SQLError(.programLimitExceeded, "requested length too large") }
}

extension Column {
  /// The bytes of a text that is not null. They lie in the column's own memory and are valid while the column is held.
  func bytes(_ row: Int) -> UnsafeRawBufferPointer {
    let index = isConstant ? 0 : row
    let view = pointer(as: TextView.self) + index
    let length = view.pointee.length
    if view.pointee.isInline {
      return UnsafeRawBufferPointer(start: UnsafeRawPointer(view) + 4, count: length)
    }
    return UnsafeRawBufferPointer(start: arenas[view.pointee.arena].base + view.pointee.offset, count: length)
  }

  /// An integer argument that is not null.
  func integer(_ row: Int) -> Int { Int(value(row, as: Int32.self)) }

  /// Builds a text column row by row; a null argument gives null. `body` appends one text's bytes to an empty scratch.
  ///
  /// - Shapes: all inputs and the result have the same number of rows; the slot of a failed row is null.
  static func checkedTexts(
    _ inputs: [Column], _ body: (Int, inout [UInt8]) throws(SQLError) -> Void
  ) -> CheckedResult {
    let isConstant = inputs.allSatisfy(\.isConstant)
    let count = isConstant ? min(inputs[0].count, 1) : inputs[0].count
    var builder = TextBuilder(capacity: count)
    var errors: [(row: Int, error: SQLError)] = []
    var scratch: [UInt8] = []
    for row in 0..<count {
      if inputs.contains(where: { $0.isNull(row) }) {
        builder.appendNull()
        continue
      }
      scratch.removeAll(keepingCapacity: true)
      do throws(SQLError) {
        try body(row, &scratch)
        builder.append(scratch.span)
      } catch {
        errors.append((row, error))
        builder.appendNull()
      }
    }
    return CheckedResult(builder.finish(), errors: errors, count: inputs[0].count, isConstant: isConstant)
  }
}

/// Walks over UTF-8: characters are counted by the bytes that begin one.
extension UnsafeRawBufferPointer {
  var characterCount: Int {
    var count = 0
    for byte in self where byte & 0xc0 != 0x80 { count &+= 1 }
    return count
  }

  /// The offset of character number `index`, or the end where there are fewer.
  func offset(ofCharacter index: Int, from start: Int = 0) -> Int {
    var (offset, left) = (start, index)
    while offset < count {
      if self[offset] & 0xc0 != 0x80 {
        if left == 0 { return offset }
        left &-= 1
      }
      offset &+= 1
    }
    return count
  }

  func characterEnd(_ start: Int) -> Int {
    var end = start + 1
    while end < count && self[end] & 0xc0 == 0x80 { end += 1 }
    return end
  }

  func characterStart(before end: Int) -> Int {
    var start = end - 1
    while start > 0 && self[start] & 0xc0 == 0x80 { start -= 1 }
    return start
  }

  func slice(_ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: self[start..<end])
  }

  func hasBytes(_ other: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    if offset + other.count > count { return false }
    for index in 0..<other.count where self[offset + index] != other[index] { return false }
    return true
  }

  /// The offset of the first occurrence of `other` at or after `start`. UTF-8 makes one of bytes one of characters.
  func firstOffset(of other: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
    var offset = start
    while offset + other.count <= count {
      if hasBytes(other, at: offset) { return offset }
      offset &+= 1
    }
    return nil
  }
}
