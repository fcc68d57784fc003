package import Columnar
package import SQLTypes

/// A declared column of a relation whose records are JSON objects.
package struct RowField: Hashable, Sendable {
  package let name: String
  package let type: SQLType
  package let isNotNull: Bool
  /// Whether the values are wanted; they are checked in any case.
  package let isNeeded: Bool

  package init(name: String, type: SQLType, isNotNull: Bool = false, isNeeded: Bool = true) {
    self.name = name
    self.type = type
    self.isNotNull = isNotNull
    self.isNeeded = isNeeded
  }
}

/// What a piece of input was decoded to.
package struct DecodedRows: Sendable {
  package var count: Int
  /// A column for each field, by number; those not needed are constant NULLs. Their texts lie in the block that was decoded.
  package var columns: [Column]
  /// Offset of each row's line in the block.
  package var lineStarts: [UInt32]
  /// Upsert envelope only: true for each row that is a deletion.
  package var deletions: Column?
  /// Records that made no row, in their order.
  package var faults: [RowFault]
  /// How many bytes were decoded.
  package var byteCount: Int
}

/// A record that made no row.
package struct RowFault: Hashable, Sendable {
  /// Its number among the records of this piece, from 0.
  package let record: Int
  /// The line in the block, without its line feed.
  package let bytes: Range<Int>
  package let error: SQLError
}

/// Decodes JSON lines to columns, as PostgreSQL's `json_populate_record` makes rows of objects (DIALECT §7).
///
/// - Errors (each of one row): 22P02, 22003, 22007, 22008, 22001 for a value that its column's type refuses, worded as the
///   type's input function does; 22P02, 22021, 22P05, 54001 for what is not one JSON object; 23502 for a missing value. Of
///   several the first declared column's is told, a missing value last.
/// - Cost: O(bytes + rows × columns); a bad row is scanned once more to say what is wrong with it.
package struct RowDecoder: ~Copyable {
  package let relation: String
  package let fields: [RowField]
  private var scanner: JSONScanner
  private var columns: ScanColumns
  private var explainer: RowExplainer

  /// - relation: the name for messages.
  package init(_ fields: [RowField], relation: String) {
    self.relation = relation
    self.fields = fields
    let schema = fields.map { ScanField($0.name, $0.type.scanKind) }
    scanner = JSONScanner(schema)
    columns = ScanColumns(schema)
    explainer = RowExplainer(fields, relation: relation)
  }

  /// Decodes the whole lines that begin in `range` of `block`, up to a number of records.
  ///
  /// - range: starts at the start of a line; shorter than 2 GiB.
  /// - isFinal: whether a last line without a line feed counts.
  /// - block: must not change any more; the columns' texts lie in it.
  package mutating func decode(
    _ block: Buffer, _ range: Range<Int>, isFinal: Bool, recordLimit: Int = .max
  ) -> DecodedRows {
    precondition(range.lowerBound >= 0 && range.upperBound <= block.byteCount, "a range of the block")
    let input = Span(_unsafeStart: UnsafePointer(block.pointer(as: UInt8.self)) + range.lowerBound, count: range.count)
    let byteCount = scanner.scan(input, isFinal: isFinal, recordLimit: recordLimit, into: &columns)
    var maker = RowColumns(columns, block: block, start: range.lowerBound)
    var made: [Column] = []
    made.reserveCapacity(fields.count)
    for (index, field) in fields.enumerated() {
      made.append(maker.column(index, of: columns, type: field.type, isNeeded: field.isNeeded))
      if field.isNotNull { maker.requireValues(index, of: columns) }
    }
    let start = UInt32(truncatingIfNeeded: range.lowerBound)
    var rows = DecodedRows(
      count: columns.rowCount, columns: made,
      lineStarts: [UInt32](unsafeUninitializedCapacity: columns.rowCount) { buffer, count in
        for row in 0..<columns.rowCount { buffer[row] = columns.lineOffsets[row] &+ start }
        count = columns.rowCount
      },
      faults: [], byteCount: byteCount)
    if !columns.badRecords.isEmpty || !maker.failed.isEmpty {
      remove(Set(maker.failed), from: &rows, block, range, isFinal)
    }
    return rows
  }

  /// Decodes all lines; the record of a fault is a line's number.
  package mutating func decode(_ lines: RecordLines) -> DecodedRows {
    decode(lines.buffer, 0..<lines.byteCount, isFinal: true)
  }

  /// Takes the failed rows out, and tells what is wrong with them and with the records that the scanner refused.
  private mutating func remove(
    _ failed: Set<Int>, from rows: inout DecodedRows, _ block: Buffer, _ range: Range<Int>, _ isFinal: Bool
  ) {
    let bad = columns.badRecords
    rows.faults.reserveCapacity(bad.count + failed.count)
    var nextBad = 0
    func tellBad(_ explainer: inout RowExplainer) {
      let record = bad[nextBad]
      let bytes = record.bytes.lowerBound + range.lowerBound..<record.bytes.upperBound + range.lowerBound
      let error = explainer.error(block, bytes, scanned: record.fault, isValue: record.field != nil)
      rows.faults.append(RowFault(record: record.record, bytes: bytes, error: error))
      nextBad += 1
    }
    let lineEnds = range.lowerBound + rows.byteCount
    for row in 0..<rows.count {
      // A record's number is its row's and that of the bad ones before it.
      while nextBad < bad.count, bad[nextBad].record == row + nextBad { tellBad(&explainer) }
      if !failed.contains(row) { continue }
      let start = Int(rows.lineStarts[row])
      let bytes = start..<endOfLine(block, start, lineEnds)
      let error = explainer.error(block, bytes, scanned: .invalidValue, isValue: true)
      rows.faults.append(RowFault(record: row + nextBad, bytes: bytes, error: error))
    }
    while nextBad < bad.count { tellBad(&explainer) }
    if failed.isEmpty { return }
    let kept = (0..<rows.count).filter { !failed.contains($0) }
    rows.keep(kept)
  }

  private func endOfLine(_ block: Buffer, _ start: Int, _ end: Int) -> Int {
    let bytes = block.pointer(as: UInt8.self)
    var at = start
    while at < end, bytes[at] != lineFeed { at += 1 }
    return at
  }
}

extension DecodedRows {
  /// Each row's place (bigint) in the file that the block starts at `blockOffset` of.
  package func offsets(from blockOffset: Int) -> Column {
    let out = Buffer(uninitializedByteCount: count * 8)
    let values = out.pointer(as: Int64.self)
    for row in 0..<count { values[row] = Int64(blockOffset) &+ Int64(lineStarts[row]) }
    return Column(.int64, count: count, values: out)
  }

  /// Leaves only those rows.
  mutating func keep(_ kept: [Int]) {
    let selection = Selection(kept)
    count = kept.count
    columns = columns.map { $0.gather(selection) }
    lineStarts = kept.map { lineStarts[$0] }
    deletions = deletions?.gather(selection)
  }
}
