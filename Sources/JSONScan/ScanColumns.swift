/// The rows of one scan, a column for each declared field.
///
/// Slots are eight bytes, null flags one (1 = NULL). Slots and flags of rows not yet written are 0 and 1, so that a missing
/// field costs nothing, and a NULL's slot is always 0. Slices point into the input of the scan or into `arena`.
@safe
package struct ScanColumns: ~Copyable {
  struct Column {
    var slots: UnsafeMutablePointer<UInt64>
    var nulls: UnsafeMutablePointer<UInt8>
    let kind: ScanKind
  }

  package let fields: [ScanField]
  package internal(set) var rowCount = 0
  /// Lines of spaces only, which are not records.
  package internal(set) var blankLineCount = 0
  package internal(set) var badRecords: [BadRecord] = []
  package var recordCount: Int { rowCount + badRecords.count }

  let columns: UnsafeMutablePointer<Column>
  private(set) var capacity: Int
  var lineOffsets: UnsafeMutablePointer<UInt32>
  private(set) var arenaBytes: UnsafeMutablePointer<UInt8>
  private var arenaCapacity = 1024
  var arenaCount = 0

  /// - capacity: rows that there is room for at first.
  package init(_ fields: [ScanField], capacity: Int = 1024) {
    self.fields = fields
    self.capacity = capacity
    columns = .allocate(capacity: max(fields.count, 1))
    lineOffsets = .allocate(capacity: capacity)
    arenaBytes = .allocate(capacity: arenaCapacity)
    for (index, field) in fields.enumerated() {
      let slots = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity)
      let nulls = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
      slots.initialize(repeating: 0, count: capacity)
      nulls.initialize(repeating: 1, count: capacity)
      (columns + index).initialize(to: Column(slots: slots, nulls: nulls, kind: field.kind))
    }
  }

  deinit {
    for index in fields.indices {
      columns[index].slots.deallocate()
      columns[index].nulls.deallocate()
    }
    columns.deallocate()
    lineOffsets.deallocate()
    arenaBytes.deallocate()
  }

  /// Forgets all rows, keeping the memory.
  mutating func clear() {
    for index in fields.indices {
      columns[index].slots.update(repeating: 0, count: rowCount)
      columns[index].nulls.update(repeating: 1, count: rowCount)
    }
    rowCount = 0
    blankLineCount = 0
    arenaCount = 0
    badRecords.removeAll(keepingCapacity: true)
  }

  /// Makes the row being written as if nothing had been.
  mutating func clearRow() {
    for index in fields.indices {
      columns[index].slots[rowCount] = 0
      columns[index].nulls[rowCount] = 1
    }
  }

  /// Makes room for one more row.
  mutating func grow() {
    let larger = capacity * 2
    for index in fields.indices {
      let slots = UnsafeMutablePointer<UInt64>.allocate(capacity: larger)
      let nulls = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
      slots.initialize(from: columns[index].slots, count: capacity)
      nulls.initialize(from: columns[index].nulls, count: capacity)
      (slots + capacity).initialize(repeating: 0, count: larger - capacity)
      (nulls + capacity).initialize(repeating: 1, count: larger - capacity)
      columns[index].slots.deallocate()
      columns[index].nulls.deallocate()
      columns[index].slots = slots
      columns[index].nulls = nulls
    }
    let offsets = UnsafeMutablePointer<UInt32>.allocate(capacity: larger)
    offsets.initialize(from: lineOffsets, count: capacity)
    lineOffsets.deallocate()
    lineOffsets = offsets
    capacity = larger
  }

  /// Makes room for that many more bytes in the arena.
  mutating func reserveArena(_ bytes: Int) {
    if arenaCount + bytes <= arenaCapacity { return }
    let larger = max(arenaCapacity * 2, arenaCount + bytes)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    moved.initialize(from: arenaBytes, count: arenaCount)
    arenaBytes.deallocate()
    arenaBytes = moved
    arenaCapacity = larger
  }

  private func column(_ field: Int) -> Column {
    precondition(fields.indices.contains(field), "no such field")
    return columns[field]
  }

  /// 1 for each row whose field is NULL.
  @_lifetime(borrow self)
  package func nulls(_ field: Int) -> Span<UInt8> {
    let span = Span(_unsafeStart: UnsafePointer(column(field).nulls), count: rowCount)
    return _overrideLifetime(span, borrowing: self)
  }

  /// The values of a field of kind bigint, integer, smallint or boolean.
  @_lifetime(borrow self)
  package func integers(_ field: Int) -> Span<Int64> {
    let column = column(field)
    precondition(!column.kind.isSlice && column.kind != .double && column.kind != .real, "not a column of integers")
    let start = UnsafeRawPointer(column.slots).assumingMemoryBound(to: Int64.self)
    return _overrideLifetime(Span(_unsafeStart: start, count: rowCount), borrowing: self)
  }

  /// The values of a field of kind double or real.
  @_lifetime(borrow self)
  package func doubles(_ field: Int) -> Span<Double> {
    let column = column(field)
    precondition(column.kind == .double || column.kind == .real, "not a column of doubles")
    let start = UnsafeRawPointer(column.slots).assumingMemoryBound(to: Double.self)
    return _overrideLifetime(Span(_unsafeStart: start, count: rowCount), borrowing: self)
  }

  /// The values of a field of any other kind.
  @_lifetime(borrow self)
  package func slices(_ field: Int) -> Span<ScanSlice> {
    let column = column(field)
    precondition(column.kind.isSlice, "not a column of slices")
    let start = UnsafeRawPointer(column.slots).assumingMemoryBound(to: ScanSlice.self)
    return _overrideLifetime(Span(_unsafeStart: start, count: rowCount), borrowing: self)
  }

  /// Where in the input each row's line starts.
  package var lineStarts: Span<UInt32> {
    @_lifetime(borrow self)
    get { _overrideLifetime(Span(_unsafeStart: UnsafePointer(lineOffsets), count: rowCount), borrowing: self) }
  }

  /// The decoded text that slices with `isInArena` point into.
  package var arena: Span<UInt8> {
    @_lifetime(borrow self)
    get { _overrideLifetime(Span(_unsafeStart: UnsafePointer(arenaBytes), count: arenaCount), borrowing: self) }
  }
}
