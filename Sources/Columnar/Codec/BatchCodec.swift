package import SQLTypes

/// A batch as bytes: what tick entries and stream chunks hold.
///
/// Numbers are little endian; "varint" is LEB128 (seven bits a byte, lowest first), signed ones zigzag first.
///
/// | part | bytes |
/// |---|---|
/// | version | 1 |
/// | row count | varint |
/// | column count | varint |
/// | weights | 1: whether there are any; if so a varint a row |
/// | each column | 1: physical type in the low six bits, bit 7 says that a null bitmap follows (one bit a row, padded with zeros to a byte); then its values |
///
/// | values of | bytes |
/// |---|---|
/// | bool | 1 a row, 0 or 1 |
/// | int16, int32, int64 | the least value as a varint, a width of 1, 2, 4 or 8 bytes, and the distance of each row from the least in that width |
/// | float32, float64 | 4 or 8 a row |
/// | int128 | a varint a row |
/// | numeric | the scale (1) and the unscaled value (varint) of each row |
/// | interval | months, days, microseconds of each row, a varint each |
/// | text | the length of each row as a varint, then the bytes of all rows one behind the other, UTF-8 |
///
/// A constant column is written row by row, and a null row as a zero (an integer: as the least value), so that every row takes
/// at least one byte in every column. That bounds what a reader allocates for hostile bytes to 24 times their number. There is
/// no checksum here: who stores the bytes adds one that covers their place, too.
package enum BatchCodec {
  package static let version: UInt8 = 1

  /// More rows than this in one batch are not believed.
  static let rowLimit = Int(UInt32.max)

  /// The bytes of `batch`. Equal bytes mean the same rows in the same order, though not the converse: text may lie in other
  /// arenas, and weights that are all +1 may be there or not.
  package static func encode(_ batch: Batch) -> [UInt8] {
    precondition(batch.count <= rowLimit, "a batch has fewer than 2^32 rows")
    var bound = 32 + (batch.weights == nil ? 0 : batch.count * 10)
    for column in batch.columns { bound += encodedBytesBound(of: column) }
    return [UInt8](unsafeUninitializedCapacity: bound) { buffer, written in
      var out = BatchWriter(UnsafeMutableRawBufferPointer(buffer))
      out.put(version)
      out.put(varint: UInt64(batch.count))
      out.put(varint: UInt64(batch.columns.count))
      out.put(weights: batch.weights)
      for column in batch.columns { out.put(column) }
      written = out.count
    }
  }

  /// The batch that `bytes` hold, whose columns must have these types.
  ///
  /// - Errors: XX001 for anything that `encode` does not write; any bytes give a batch or this error.
  package static func decode(_ bytes: [UInt8], types: [PhysicalType]) throws(SQLError) -> Batch {
    try bytes.span.withUnsafeBytes { (raw) throws(SQLError) -> Batch in
      var input = BatchReader(raw)
      let found = try input.byte()
      guard found == version else { throw malformed("version \(found), expected \(version)") }
      guard let count = Int(exactly: try input.varint()), count <= rowLimit else { throw malformed("too many rows") }
      let columnCount = try input.varint()
      guard columnCount == UInt64(types.count) else {
        throw malformed("\(columnCount) columns, expected \(types.count)")
      }
      let weights = try input.weights(count: count)
      var columns: [Column] = []
      for type in types { columns.append(try input.column(type, count: count)) }
      guard input.isAtEnd else { throw malformed("bytes after the end") }
      return Batch(count: count, columns: columns, weights: weights)
    }
  }

  static func malformed(_ what: String) -> SQLError { SQLError(.dataCorrupted, "an encoded batch is damaged: \(what)") }

  /// Room that the column's bytes certainly fit in.
  private static func encodedBytesBound(of column: Column) -> Int {
    let perRow =
      switch column.physicalType {
      case .bool: 1
      case .int16, .int32, .int64, .float32, .float64: column.physicalType.stride
      case .int128: 19
      case .numeric, .interval: 20
      case .text: 5
      }
    return 32 + column.count * perRow + column.count / 8 + textBytes(of: column)
  }

  private static func textBytes(of column: Column) -> Int {
    guard column.physicalType == .text else { return 0 }
    let views = column.pointer(as: TextView.self)
    if column.isConstant { return column.count > 0 ? column.count * views[0].length : 0 }
    var sum = 0
    for row in 0..<column.count { sum += views[row].length }
    return sum
  }
}
