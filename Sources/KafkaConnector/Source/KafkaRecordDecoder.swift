internal import Columnar
internal import Connectors
internal import JSONScan
internal import SQLTypes

/// Makes rows of the records of one topic; one thread's.
///
/// Of a stream, and of a table whose `key_format` is none, a record's value is the row. Of any other table the primary key is
/// read from the record's key, and a record without a value deletes that key's row.
final class KafkaRecordDecoder {
  /// Values and bytes of a batch, at most.
  private static let valuesPerBatch = 1 << 18
  private static let bytesPerBatch = 32 << 20
  /// A longer value is a bad row.
  static let valueLimit = 16 << 20

  private let spec: SourceSpec
  private let options: KafkaOptions
  private let keyFormat: KafkaOptions.KeyFormat
  /// Column numbers of the fields, which are those that are no METADATA.
  private let fieldColumns: [Int]
  /// The name of the key's only column, if that is so.
  private let keyName: [UInt8]?
  private let rowsPerBatch: Int
  private var plain: RowDecoder?
  private var keyed: KeyedRowDecoder?
  private var keyTexts: RowDecoder?
  /// The types of METADATA columns that are needed, and whether they must have a value.
  private let metadata: [(column: Int, key: String, isNotNull: Bool)]

  init(_ spec: SourceSpec, _ options: KafkaOptions) {
    self.spec = spec
    self.options = options
    keyFormat = spec.keyColumns.isEmpty ? .none : options.keyFormat(of: spec)
    let fieldColumns = spec.columns.indices.filter { spec.columns[$0].metadata == nil }
    self.fieldColumns = fieldColumns
    let fields = fieldColumns.map { index in
      let column = spec.columns[index]
      return RowField(
        name: column.name, type: column.type, isNotNull: column.isNotNull || spec.keyColumns.contains(index),
        isNeeded: column.isNeeded)
    }
    rowsPerBatch = min(Batch.targetRowCount, max(64, Self.valuesPerBatch / max(spec.columns.count, 1)))
    keyName = spec.keyColumns.count == 1 ? Array(spec.columns[spec.keyColumns[0]].name.utf8) : nil
    if keyFormat == .none {
      plain = RowDecoder(fields, relation: spec.relation)
    } else {
      let keyFields = spec.keyColumns.compactMap { fieldColumns.firstIndex(of: $0) }
      keyed = KeyedRowDecoder(fields, keyColumns: keyFields, relation: spec.relation)
    }
    metadata = spec.columns.indices.compactMap { index in
      let column = spec.columns[index]
      return column.metadata.map { (index, $0, column.isNotNull) }
    }
    if metadata.contains(where: { $0.key == "key" }) {
      keyTexts = RowDecoder([RowField(name: "key", type: .text)], relation: spec.relation)
    }
  }

  /// The rows of some messages, all of one partition, in as many batches as they need.
  ///
  /// - indices: of messages in `batch`, ascending.
  /// - start: the offset where the source began in the partition.
  /// - Errors: with `on_error = 'stop'` the first bad row's, behind the batch that has the rows before it.
  func decode(
    _ batch: borrowing KafkaBatch, _ indices: ArraySlice<Int>, partition: Int, start: Int64
  ) -> (batches: [SourceBatch], error: SQLError?) {
    var batches: [SourceBatch] = []
    var rest = indices
    while !rest.isEmpty {
      let all = rest.prefix(fitting(batch, rest))
      var piece = all
      rest = rest.dropFirst(piece.count)
      var decoded = rows(batch, piece)
      if options.onError == .stop, let first = decoded.faults.keys.min(), let error = decoded.faults[first] {
        piece = piece.prefix(first)
        if !piece.isEmpty {
          decoded = rows(batch, piece)
          batches.append(makeBatch(batch, piece, decoded, partition, start))
        }
        return (batches, stopping(error, partition, batch.offset(all[all.startIndex + first])))
      }
      batches.append(makeBatch(batch, piece, decoded, partition, start))
    }
    return (batches, nil)
  }

  /// How many of the messages make one batch: at least one.
  private func fitting(_ batch: borrowing KafkaBatch, _ indices: ArraySlice<Int>) -> Int {
    var byteCount = 0
    var count = 0
    for index in indices.prefix(rowsPerBatch) {
      byteCount += (batch.value(index)?.byteCount ?? 0) + (batch.key(index)?.byteCount ?? 0)
      if byteCount > Self.bytesPerBatch, count > 0 { break }
      count += 1
    }
    return count
  }

  private func stopping(_ error: SQLError, _ partition: Int, _ offset: Int64) -> SQLError {
    SQLError(
      error.state, error.message, detail: "The record is at offset \(offset) of partition \(partition) of topic \"\(options.topic)\".",
      hint: "on_error = 'log' goes on after bad records.")
  }

  // MARK: rows

  /// Rows by column of the spec, with the number of the record that each is of, and what is wrong with the others.
  private struct Rows {
    var columns: [Column]
    var records: [Int]
    var deletions: Column?
    var faults: [Int: SQLError]
  }

  private func rows(_ batch: borrowing KafkaBatch, _ indices: ArraySlice<Int>) -> Rows {
    var faults: [Int: SQLError] = [:]
    let texts = keyTexts(batch, indices, &faults)
    requireMetadata(batch, indices, &faults)
    let values = values(batch, indices, &faults)
    let fields: (columns: [Column], records: [Int])
    var deletions: Column?
    if keyFormat == .none {
      guard let decoded = plain?.decode(values) else {
        preconditionFailure("rows without keys have their decoder")
      }
      for fault in decoded.faults { faults[values.records[fault.record]] = fault.error }
      fields = (decoded.columns, faults.isEmpty ? values.records : values.records.filter { faults[$0] == nil })
    } else {
      let keys = keys(batch, indices, &faults)
      guard let decoded = keyed?.decode(recordCount: indices.count, keys: keys, values: values, faults: faults) else {
        preconditionFailure("rows with keys have their decoder")
      }
      fields = (decoded.columns, decoded.records)
      (deletions, faults) = (decoded.deletions, decoded.faults)
    }
    var columns = spec.columns.map { Column.allNull($0.type.physicalType, count: fields.records.count) }
    for (column, values) in zip(fieldColumns, fields.columns) { columns[column] = values }
    for (column, key, _) in metadata where spec.columns[column].isNeeded {
      columns[column] = metadataColumn(key, batch, indices, fields.records, texts)
    }
    return Rows(columns: columns, records: fields.records, deletions: deletions, faults: faults)
  }

  /// The values as lines. Of a table with keys, records that have none are deletions.
  private func values(
    _ batch: borrowing KafkaBatch, _ indices: ArraySlice<Int>, _ faults: inout [Int: SQLError]
  ) -> RecordLines {
    var byteCount = 0
    for index in indices { byteCount += (batch.value(index)?.byteCount ?? 0) + 1 }
    var lines = RecordLinesBuilder(byteCount: byteCount, recordCount: indices.count)
    for (record, index) in indices.enumerated() {
      guard let value = batch.value(index) else {
        if keyFormat == .none { fault(record, .invalidTextRepresentation, "the record has no value", &faults) }
        continue
      }
      if value.firstByteOfJSON == nil {
        fault(record, .invalidTextRepresentation, ScanFault.notAnObject.message, &faults)
      } else if value.byteCount > Self.valueLimit {
        fault(record, .programLimitExceeded, "record is longer than \(Self.valueLimit) bytes", &faults)
      } else if keyFormat != .none || faults[record] == nil {
        lines.add(value, record: record)
      }
    }
    return lines.finish()
  }

  /// The keys as lines, objects all.
  private func keys(
    _ batch: borrowing KafkaBatch, _ indices: ArraySlice<Int>, _ faults: inout [Int: SQLError]
  ) -> RecordLines {
    var lines = RecordLinesBuilder(byteCount: indices.count * 32, recordCount: indices.count)
    for (record, index) in indices.enumerated() {
      guard let key = batch.key(index) else {
        fault(record, .notNullViolation, "the record has no key", &faults)
        continue
      }
      if keyFormat == .raw, let keyName {
        lines.add(text: key, named: keyName, record: record)
      } else if key.firstByteOfJSON == nil {
        fault(record, .invalidTextRepresentation, "the key is not JSON", &faults)
      } else if let keyName, key.firstByteOfJSON != UInt8(ascii: "{") {
        if key.isOneJSONScalar {
          lines.add(key, named: keyName, record: record)
        } else {
          fault(record, .invalidTextRepresentation, "the key is not JSON", &faults)
        }
      } else {
        lines.add(key, record: record)
      }
    }
    return lines.finish()
  }

  private func fault(_ record: Int, _ state: SQLState, _ message: String, _ faults: inout [Int: SQLError]) {
    if faults[record] == nil { faults[record] = SQLError(state, message) }
  }

  // MARK: METADATA

  /// The keys as a text for each record.
  private func keyTexts(
    _ batch: borrowing KafkaBatch, _ indices: ArraySlice<Int>, _ faults: inout [Int: SQLError]
  ) -> Column? {
    if keyTexts == nil { return nil }
    var lines = RecordLinesBuilder(byteCount: indices.count * 32, recordCount: indices.count)
    for (record, index) in indices.enumerated() {
      guard let key = batch.key(index) else { continue }
      lines.add(text: key, named: Array("key".utf8), record: record)
    }
    let texts = lines.finish()
    guard let decoded = keyTexts?.decode(texts) else { return nil }
    for fault in decoded.faults { faults[texts.records[fault.record]] = fault.error }
    let rows = texts.records.filter { faults[$0] == nil }
    return Column.scatter([(Selection(rows), decoded.columns[0])], .text, count: indices.count)
  }

  private func requireMetadata(
    _ batch: borrowing KafkaBatch, _ indices: ArraySlice<Int>, _ faults: inout [Int: SQLError]
  ) {
    for (column, key, isNotNull) in metadata where isNotNull && (key == "key" || key == "timestamp") {
      for (record, index) in indices.enumerated()
      where key == "key" ? batch.key(index) == nil : batch.timestamp(index) == nil {
        fault(
          record, .notNullViolation,
          "null value in column \"\(spec.columns[column].name)\" of relation \"\(spec.relation)\" violates not-null constraint", &faults)
      }
    }
  }

  private func metadataColumn(
    _ key: String, _ batch: borrowing KafkaBatch, _ indices: ArraySlice<Int>, _ records: [Int], _ texts: Column?
  ) -> Column {
    let first = indices.startIndex
    switch key {
    case "partition":
      var column = ColumnBuilder<Int32>(.int32, capacity: records.count)
      for record in records { column.append(Int32(truncatingIfNeeded: batch.partition(indices[first + record]))) }
      return column.finish()
    case "offset": return offsets(batch, indices, records)
    case "timestamp":
      var column = ColumnBuilder<Int64>(.int64, capacity: records.count)
      for record in records {
        let time = batch.timestamp(indices[first + record]).map { $0.milliseconds.multipliedReportingOverflow(by: 1000) }
        if let time, !time.overflow { column.append(time.partialValue) } else { column.appendNull() }
      }
      return column.finish()
    case "topic":
      var column = TextBuilder(capacity: records.count)
      for _ in records { column.append(options.topic.utf8Span.span) }
      return column.finish()
    default: return texts?.gather(Selection(records)) ?? .allNull(.text, count: records.count)
    }
  }

  private func offsets(_ batch: borrowing KafkaBatch, _ indices: ArraySlice<Int>, _ records: [Int]) -> Column {
    let values = Buffer(byteCount: records.count * 8)
    let out = unsafe values.pointer(as: Int64.self)
    for (row, record) in records.enumerated() { unsafe out[row] = batch.offset(indices[indices.startIndex + record]) }
    return Column(.int64, count: records.count, values: values)
  }

  // MARK: batches

  private func makeBatch(
    _ batch: borrowing KafkaBatch, _ indices: ArraySlice<Int>, _ rows: Rows, _ partition: Int, _ start: Int64
  ) -> SourceBatch {
    let first = indices.startIndex
    var errors: [RowError] = []
    for record in rows.faults.keys.sorted() {
      guard let error = rows.faults[record] else { continue }
      let index = indices[first + record]
      let payload = batch.value(index)?.prefix(RowError.payloadLimit) ?? batch.key(index)?.prefix(RowError.payloadLimit)
      errors.append(
        RowError(offset: batch.offset(index), state: error.state, message: error.message, payload: payload ?? []))
    }
    let last = indices.last.map { batch.offset($0) } ?? start - 1
    return SourceBatch(
      partition: partition, batch: Batch(count: rows.records.count, columns: rows.columns), deletions: rows.deletions,
      offsets: offsets(batch, indices, rows.records), positionAfter: KafkaOffsets(start: start, next: last + 1).bytes, errors: errors,
      byteCount: indices.reduce(0) { $0 + (batch.value($1)?.byteCount ?? 0) })
  }

  /// A batch of no rows, which moves the position and perhaps tells errors.
  func emptyBatch(partition: Int, _ offsets: KafkaOffsets, errors: [RowError] = []) -> SourceBatch {
    SourceBatch(
      partition: partition, batch: Batch(count: 0, columns: spec.columns.map { .allNull($0.type.physicalType, count: 0) }),
      deletions: keyFormat == .none ? nil : Column(.bool, count: 0, values: Buffer(byteCount: 0)),
      offsets: Column(.int64, count: 0, values: Buffer(byteCount: 0)), positionAfter: offsets.bytes, errors: errors)
  }
}

extension RawSpan {
  fileprivate func prefix(_ limit: Int) -> [UInt8] {
    (0..<Swift.min(byteCount, limit)).map { unsafe unsafeLoad(fromUncheckedByteOffset: $0, as: UInt8.self) }
  }
}
