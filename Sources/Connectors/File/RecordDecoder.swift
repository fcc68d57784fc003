internal import Columnar
internal import JSONScan

/// Decodes the records of a source, after its envelope. Files of a source share one: the schema is the same.
final class RecordDecoder {
  /// Values of a batch, at most, so that a batch of many columns stays some megabytes.
  private static let valuesPerBatch = 1 << 18

  private let fields: [RowField]
  private let rowsPerBatch: Int
  private var plain: RowDecoder?
  private var upsert: UpsertDecoder?

  init(_ spec: SourceSpec, _ envelope: Envelope) {
    fields = spec.columns.enumerated().map { index, column in
      RowField(
        name: column.name, type: column.type, isNotNull: column.isNotNull || spec.keyColumns.contains(index),
        isNeeded: column.isNeeded)
    }
    rowsPerBatch = min(Batch.targetRowCount, max(64, Self.valuesPerBatch / max(fields.count, 1)))
    switch envelope {
    case .plain: plain = RowDecoder(fields, relation: spec.relation)
    case .upsert: upsert = UpsertDecoder(fields, keyColumns: spec.keyColumns, relation: spec.relation)
    }
  }

  /// Whole lines of the block's range, up to a batch of them.
  func decode(_ block: Buffer, _ range: Range<Int>, isFinal: Bool) -> DecodedRows {
    if let rows = plain?.decode(block, range, isFinal: isFinal, recordLimit: rowsPerBatch) { return rows }
    guard let rows = upsert?.decode(block, range, isFinal: isFinal, recordLimit: rowsPerBatch) else {
      preconditionFailure("a decoder has an envelope")
    }
    return rows
  }

  /// A batch of no rows.
  func emptyBatch() -> Batch {
    Batch(count: 0, columns: fields.map { Column.allNull($0.type.physicalType, count: 0) })
  }

  /// The marks of no rows, where the envelope has any.
  func emptyDeletions() -> Column? { upsert == nil ? nil : Column(.bool, count: 0, values: Buffer(byteCount: 0)) }
}
