package import Columnar
import SQLTypes

/// Decodes lines `{"key": {…}, "value": {…} | null}`, each of which sets a key's row or deletes it.
///
/// - Key columns are read from the key, all others from the value; what else stands there is skipped, and so are other members
///   of the line. A null value is a deletion: its row has the key alone.
/// - Errors (each of one row): those of `RowDecoder` for the key and then the value; 22P02 where one of the two is missing,
///   for a line that is no upsert must not be taken for a deletion.
package struct UpsertDecoder: ~Copyable {
  private var scanner: JSONScanner
  private var members: ScanColumns
  private var decoder: KeyedRowDecoder

  /// - keyColumns: numbers of fields; they are taken to be NOT NULL.
  package init(_ fields: [RowField], keyColumns: [Int], relation: String) {
    let schema = [ScanField("key", .member), ScanField("value", .member)]
    scanner = JSONScanner(schema)
    members = ScanColumns(schema)
    decoder = KeyedRowDecoder(fields, keyColumns: keyColumns, relation: relation)
  }

  /// As `RowDecoder.decode`, with `deletions`.
  package mutating func decode(
    _ block: Buffer, _ range: Range<Int>, isFinal: Bool, recordLimit: Int = .max
  ) -> DecodedRows {
    precondition(range.lowerBound >= 0 && range.upperBound <= block.byteCount, "a range of the block")
    let input = Span(_unsafeStart: UnsafePointer(block.pointer(as: UInt8.self)) + range.lowerBound, count: range.count)
    let byteCount = scanner.scan(input, isFinal: isFinal, recordLimit: recordLimit, into: &members)
    var faults: [Int: SQLError] = [:]  // by row of `members`
    let keys = lines(0, "key", block, range, byteCount, &faults) { _ in true }
    let values = lines(1, "value", block, range, byteCount, &faults) { $0 != .null }
    let decoded = decoder.decode(recordCount: members.rowCount, keys: keys, values: values, faults: faults)
    let start = UInt32(truncatingIfNeeded: range.lowerBound)
    let lineStarts = (0..<members.rowCount).map { members.lineOffsets[$0] &+ start }
    let hasFaults = !decoded.faults.isEmpty || !members.badRecords.isEmpty
    return DecodedRows(
      count: decoded.records.count, columns: decoded.columns, lineStarts: decoded.records.map { lineStarts[$0] },
      deletions: decoded.deletions,
      faults: hasFaults ? allFaults(decoded.faults, lineStarts, block, range.lowerBound + byteCount, range.lowerBound) : [],
      byteCount: byteCount)
  }

  private enum Member { case value, null }

  /// The members of one name as lines of their own, with the row that each comes from. A row that lacks it is a fault.
  ///
  /// - byteCount: how long the lines are that were scanned.
  private func lines(
    _ field: Int, _ name: String, _ block: Buffer, _ range: Range<Int>, _ byteCount: Int, _ faults: inout [Int: SQLError],
    _ isWanted: (Member) -> Bool
  ) -> RecordLines {
    let slices = members.slices(field)
    let missing = members.nulls(field)
    let start = block.pointer(as: UInt8.self) + range.lowerBound
    var lines = RecordLinesBuilder(byteCount: byteCount, recordCount: members.rowCount)
    for row in 0..<members.rowCount {
      if missing[row] != 0 {
        if faults[row] == nil { faults[row] = SQLError(.invalidTextRepresentation, "the line has no \"\(name)\"") }
        continue
      }
      let at = slices[row].range
      // A JSON value that begins with n is null.
      if !isWanted(start[at.lowerBound] == UInt8(ascii: "n") ? .null : .value) { continue }
      lines.add(RawSpan(_unsafeStart: start + at.lowerBound, byteCount: at.count), record: row)
    }
    return lines.finish()
  }

  /// The faults of rows and the records that are not JSON at all, in their order.
  ///
  /// - start, end: of what was scanned of the block.
  private func allFaults(
    _ faults: [Int: SQLError], _ lineStarts: [UInt32], _ block: Buffer, _ end: Int, _ start: Int
  ) -> [RowFault] {
    let bytes = block.pointer(as: UInt8.self)
    var all: [RowFault] = []
    var nextBad = 0
    func tellBad() {
      let bad = members.badRecords[nextBad]
      all.append(
        RowFault(
          record: bad.record, bytes: bad.bytes.lowerBound + start..<bad.bytes.upperBound + start,
          error: SQLError(bad.fault.state, bad.fault.message)))
      nextBad += 1
    }
    for row in lineStarts.indices {
      while nextBad < members.badRecords.count, members.badRecords[nextBad].record == row + nextBad { tellBad() }
      guard let error = faults[row] else { continue }
      let line = Int(lineStarts[row])
      var lineEnd = line
      while lineEnd < end, bytes[lineEnd] != lineFeed { lineEnd += 1 }
      all.append(RowFault(record: row + nextBad, bytes: line..<lineEnd, error: error))
    }
    while nextBad < members.badRecords.count { tellBad() }
    return all
  }
}
