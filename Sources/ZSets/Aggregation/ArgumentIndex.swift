import Columnar
import SQLTypes
import StateMemory

/// An aggregate's arguments by group and value, each with its weight: what DISTINCT counts once, and in order for MIN and
/// MAX. Aggregates of the same argument and filter share one. For ARG_MIN and ARG_MAX it holds pairs: a key and the value of its row.
///
/// DISTINCT takes equal values for one, in canonical form; MIN and MAX send a value as it came in.
final class ArgumentIndex {
  private let type: SQLType
  private let column: Int?
  private let filter: Int?
  private let key: (column: Int, type: SQLType)?
  private let isDescending: Bool
  private let isCanonical: Bool
  var isOrdered = false
  /// The group's id as a bigint, the value, then the key if there is one.
  private(set) var rows: WeightedRows
  private var lists = OrderedValues()
  private var comparedRows = 0

  init(
    type: SQLType, column: Int? = nil, key: (column: Int, type: SQLType)? = nil, isDescending: Bool = false,
    filter: Int? = nil, isCanonical: Bool = false, space: StateSpace
  ) {
    self.type = type
    self.column = column
    self.key = key
    self.isDescending = isDescending
    self.filter = filter
    self.isCanonical = isCanonical
    rows = WeightedRows(types: [.int64, type.physicalType] + (key.map { [$0.type.physicalType] } ?? []), space: space)
  }

  /// The number of the index that serves a call; a new one if there is none yet.
  static func place(
    of call: Accumulation, _ kind: AccumulatorKind, in indexes: inout [ArgumentIndex], space: StateSpace
  ) -> Int {
    guard let argument = call.argument else { preconditionFailure("an index has values") }
    let isCanonical = kind != .ordered && argument.type.hasCanonicalForm
    let isDescending = call.function == .argMaximum
    let place = indexes.firstIndex {
      $0.column == argument.column && $0.filter == call.filter && $0.isCanonical == isCanonical
        && $0.key?.column == call.key?.column && $0.isDescending == isDescending
    }
    if place == nil {
      indexes.append(
        ArgumentIndex(
          type: argument.type, column: argument.column, key: call.key, isDescending: isDescending, filter: call.filter,
          isCanonical: isCanonical, space: space))
    }
    let number = place ?? indexes.count - 1
    if kind == .ordered { indexes[number].isOrdered = true }
    return number
  }

  var count: Int { rows.count }
  var stateBytes: Int { rows.stateBytes + lists.stateBytes }
  var readCount: Int { rows.readCount + comparedRows }

  /// Adds values.
  ///
  /// - Returns: the rows that counted, weighted by whether their value came to be there (+1) or ceased to (-1).
  func add(_ input: AccumulatorInput) -> AccumulatorInput {
    let counted = input.compacted(), count = counted.count
    guard let given = counted.values else { preconditionFailure("an index has values") }
    let values = isCanonical ? given.canonical(as: type) : given
    let groups = Buffer(byteCount: count * 8), groupOut = groups.pointer(as: Int64.self), ids = counted.groupIDs
    for row in 0..<count { groupOut[row] = Int64(ids[row]) }
    let (before, after) = rows.add(
      Batch(
        count: count, columns: [Column(.int64, count: count, values: groups), values] + (counted.keys.map { [$0] } ?? []),
        weights: Column(.int64, count: count, values: counted.weights)))
    let changes = Buffer(byteCount: count * 8), out = changes.pointer(as: Int64.self)
    let (old, new) = (before.pointer(as: Int64.self), after.pointer(as: Int64.self))
    for row in 0..<count { out[row] = (new[row] > 0 ? 1 : 0) - (old[row] > 0 ? 1 : 0) }
    withExtendedLifetime((before, after)) {}
    return AccumulatorInput(groups: counted.groups, weights: changes, count: count, values: values)
  }

  /// Brings the order up to what the tick's batches together changed.
  func updateOrder() {
    if !isOrdered { return }
    var order = IndexOrder(rows, type.physicalType, key: key?.type.physicalType, isDescending: isDescending)
    rows.forEachPresenceChange { id, isPresent in
      let group = UInt32(truncatingIfNeeded: order.group(id)), prefix = order.prefix(id)
      if isPresent {
        lists.insert(id, prefix: prefix, into: group, order: &order)
      } else {
        lists.remove(id, prefix: prefix, from: group, order: &order)
      }
    }
    comparedRows += order.readCount
  }

  /// The row of a group's smallest or largest value, as id + 1; 0: it has none.
  func extreme(of group: UInt32, isMinimum: Bool) -> UInt64 { lists.extreme(of: group, isFirst: isMinimum) }

  /// The values of rows, also of those that leave at the end of this tick.
  func values(of ids: UnsafePointer<UInt32>, count: Int) -> Column { rows.columns([1], of: ids, count: count)[0] }

  func endTick() { rows.endTick() }

  func setArmed(_ armed: Bool) { rows.setArmed(armed) }
}

/// The order of an index's rows by their values; with a key by that, then by the value, null last.
private struct IndexOrder: RowOrder {
  private let base: UnsafeMutableRawPointer
  private let rowBytes: Int
  private let arena: UnsafeMutableRawPointer
  private let groupOffset: Int
  private let valueOffset: Int
  private let keyOffset: Int?
  private let valueNull: RowLayout.Field
  private let order: ValueOrder
  private let keyOrder: ValueOrder
  /// Whether the greatest key comes first.
  private let isDescending: Bool
  private(set) var readCount = 0

  init(_ rows: borrowing WeightedRows, _ type: PhysicalType, key: PhysicalType?, isDescending: Bool) {
    base = rows.rows.base
    rowBytes = rows.rows.rowBytes
    arena = rows.arena.base
    groupOffset = rows.layout.fields[0].offset
    valueOffset = rows.layout.fields[1].offset
    keyOffset = key == nil ? nil : rows.layout.fields[2].offset
    valueNull = rows.layout.fields[1]
    order = ValueOrder(type)
    keyOrder = ValueOrder(key ?? type)
    self.isDescending = isDescending
  }

  mutating func compare(_ a: UInt32, _ b: UInt32) -> Int {
    readCount &+= 1
    if let keyOffset {
      let difference = keyOrder.compare(words(a, keyOffset), words(b, keyOffset), arena)
      if difference != 0 { return isDescending ? -difference : difference }
      let (x, y) = (isNull(a), isNull(b))
      if x || y { return x == y ? 0 : x ? 1 : -1 }
    }
    return order.compare(words(a, valueOffset), words(b, valueOffset), arena)
  }

  func group(_ id: UInt32) -> UInt64 { base.load(fromByteOffset: Int(id) &* rowBytes &+ groupOffset, as: UInt64.self) }

  func prefix(_ id: UInt32) -> UInt64 {
    let prefix = keyOrder.prefix(words(id, keyOffset ?? valueOffset), arena)
    return isDescending ? ~prefix : prefix
  }

  private func isNull(_ id: UInt32) -> Bool {
    let word = base.load(fromByteOffset: Int(id) &* rowBytes &+ valueNull.nullWord &* 8, as: UInt64.self)
    return word & valueNull.nullBit != 0
  }

  private func words(_ id: UInt32, _ offset: Int) -> UnsafePointer<UInt64> {
    UnsafePointer((base + (Int(id) &* rowBytes &+ offset)).assumingMemoryBound(to: UInt64.self))
  }
}
