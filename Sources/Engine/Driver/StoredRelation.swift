import Columnar
import Connectors
import Dataflow
import SQLCatalog
import SQLTypes
import StateMemory
import ZSets

/// What a table, a stream or a materialized view holds, and its nodes of the graph. The driver owns it.
protocol StoredRelation: AnyObject {
  var types: [SQLType] { get }
  /// The node that its changes come from.
  var root: NodeID { get }
  /// All nodes that leave with it, the root included.
  var nodes: [NodeID] { get }
  /// What readers scan.
  var content: StoredRows { get }
  var rowCount: Int { get }
  var stateBytes: Int { get }
}

/// The rows of a relation as of any open snapshot, from any thread.
enum StoredRows: Sendable {
  /// In state.
  case kept(RowsReference)
  /// Where a source keeps them: read again up to the positions of the tick.
  case atSource(SourceSpec, [PartitionPosition])
  /// A local stream's, up to an offset.
  case appended(StreamRows, end: UInt64)

  /// Gives the rows in batches until `body` has enough.
  func scan(_ snapshot: Snapshot, _ body: (Batch) throws(SQLError) -> Demand) throws(SQLError) {
    let scan = StoredScan(self, snapshot)
    while let batch = try scan.next() {
      if try body(batch) == .enough { return }
    }
  }
}

/// A relation that statements change.
protocol ChangeableRelation: EnumerableRelation {
  /// Whether a consolidated change can be applied to what is stored: false if a row that it retracts is not there.
  ///
  /// - Errors: 23505 for a key that has a row.
  func accepts(_ change: Batch) throws(SQLError) -> Bool
  /// Applies a change that was accepted; within a publish.
  ///
  /// - ids: where the ids of the stored rows are written, if anybody wants to know.
  func apply(_ change: Batch, tick: UInt64, ids: AppliedIDs?)
  /// Whether `change`, checked against the stored rows alone, may join a tick that changes the relation by `staged`.
  ///
  /// - keys: what a keyed relation keeps of the tick's changes between calls; nil in the first call of a tick.
  func mayJoin(_ change: Batch, staged: Batch, _ keys: inout StagedKeys?) -> Bool
}

/// A table with a primary key: a key has at most one row.
final class KeyedRelation: ChangeableRelation {
  let types: [SQLType]
  let root: NodeID
  private let name: String
  private let columnNames: [String]
  private var rows: KeyedTable
  /// Where its rows come from, if it has a source.
  private var origins = RowOrigins()

  var nodes: [NodeID] { [root] }
  var content: StoredRows { .kept(rows.reference) }
  var rowCount: Int { rows.count }
  var stateBytes: Int { rows.stateBytes + origins.stateBytes }
  /// How many of its source's rows have had a key whose row came from another partition.
  var movedKeyCount: Int { origins.movedCount }
  var idLimit: Int { rows.idLimit }

  init(_ relation: Relation, root: NodeID, in space: StateSpace) {
    types = relation.columns.map(\.type)
    name = relation.name
    columnNames = relation.columns.map(\.name)
    self.root = root
    rows = KeyedTable(types: types, keys: relation.primaryKey, space: space)
  }

  /// What the change's keys have now and the change are summed: a row that is there less than once was not there to be
  /// retracted, and two rows of one key are one too many.
  func accepts(_ change: Batch) throws(SQLError) -> Bool {
    let now = rows.lookUp(rows.keys.map { change.columns[$0] }, count: change.count).rows
    if change.count == 1 && change.weight(0) == 1 {
      if now.count > 0 { throw duplicateKey(change, 0) }
      return true
    }
    let physicalTypes = types.map(\.physicalType)
    let after = Batch.consolidated([.distinct(now, types: physicalTypes), change], types: physicalTypes)
    if after.retracts { return false }
    var alone = KeyedTable(types: types, keys: rows.keys, space: StateSpace())
    if case .duplicate(let row) = alone.apply(after, tick: 0) { throw duplicateKey(after, row) }
    return true
  }

  func mayJoin(_ change: Batch, staged: Batch, _ keys: inout StagedKeys?) -> Bool {
    if keys == nil {
      keys = StagedKeys(types: types, keyColumns: rows.keys)
      keys?.add(staged)
    }
    return keys?.isApart(change) == true
  }

  func rows(from first: Int, to end: Int) -> Batch { rows.rows(from: first, to: end) }

  func lookUp(_ keys: [Column], count: Int) -> KeyedLookUp { rows.lookUp(keys, count: count) }

  /// The change that upserts make: a row replaces what its key had, a deletion removes it. Within a batch the last counts.
  ///
  /// - deletions: a boolean for each row; nil: none is one.
  /// - partition: the one that the rows come from. In a keyed table a key belongs to one partition, for the order in which two are
  ///   read is nobody's: rows of a second one are counted (DESIGN §9.16).
  func upsert(_ batch: Batch, deletions: Column?, from partition: Int) -> Batch {
    let last = Selection.oneOfEachKey(.last, rows.keys.map { (batch.columns[$0], types[$0]) }, count: batch.count)
    let rowsNow = batch.gather(last)
    let found = rows.lookUp(rows.keys.map { rowsNow.columns[$0] }, count: rowsNow.count)
    let old = found.rows
    origins.reached(found, from: partition, idLimit: rows.idLimit)
    let new = deletions.map { rowsNow.gather(.whereNotTrue($0.gather(last))) } ?? rowsNow
    return .consolidated([old.weighted(-1), new], types: types.map(\.physicalType))
  }

  private func duplicateKey(_ batch: Batch, _ row: Int) -> SQLError {
    let names = rows.keys.map { columnNames[$0] }
    let values = rows.keys.map { batch.columns[$0].outputText(row, as: types[$0]) ?? "null" }
    return SQLError(
      .uniqueViolation, "duplicate key value violates unique constraint \"\(name)_pkey\"",
      detail: "Key (\(names.joined(separator: ", ")))=(\(values.joined(separator: ", "))) already exists.")
  }

  func apply(_ change: Batch, tick: UInt64, ids: AppliedIDs?) {
    let ids = ids ?? (origins.areSeveral ? AppliedIDs(count: change.count) : nil)
    let violation = rows.apply(change, tick: tick, appliedIDs: ids)
    precondition(violation == nil, "a change that was accepted can be applied")
    if let ids, origins.areSeveral {
      for row in 0..<change.count where change.weight(row) > 0 { origins.wrote(ids[row]) }
    }
  }
}

/// Which partition of a source each row of a keyed table came from. Nothing is kept as long as there is one.
private struct RowOrigins {
  /// Of the rows that were staged last, and of all as long as there is one.
  private var partition: UInt32?
  /// By row id.
  private var partitions: [UInt32]?
  private(set) var movedCount = 0

  var areSeveral: Bool { partitions != nil }
  var stateBytes: Int { (partitions?.count ?? 0) * 4 }

  /// Rows that were found are to be replaced, or deleted, by rows of a partition.
  mutating func reached(_ found: KeyedLookUp, from partition: Int, idLimit: Int) {
    let from = UInt32(truncatingIfNeeded: partition)
    if let first = self.partition, first != from, partitions == nil { partitions = Array(repeating: first, count: idLimit) }
    self.partition = from
    guard let partitions else { return }
    for row in 0..<found.rows.count where partitions[found.id(row)] != from { movedCount += 1 }
  }

  /// A row of the partition that was named last lies under an id.
  mutating func wrote(_ id: Int) {
    guard let partition else { return }
    while (partitions?.count ?? 0) <= id { partitions?.append(partition) }
    partitions?[id] = partition
  }
}

/// A table without a key: equal rows are counted.
final class UnkeyedRelation: ChangeableRelation {
  let types: [SQLType]
  let root: NodeID
  private var rows: WeightedRows

  var nodes: [NodeID] { [root] }
  var content: StoredRows { .kept(rows.reference) }
  var rowCount: Int { rows.count }
  var stateBytes: Int { rows.stateBytes }
  var idLimit: Int { rows.idLimit }

  init(_ relation: Relation, root: NodeID, in space: StateSpace) {
    types = relation.columns.map(\.type)
    self.root = root
    rows = WeightedRows(types: types.map(\.physicalType), space: space)
  }

  func rows(from first: Int, to end: Int) -> Batch { rows.rows(from: first, to: end) }

  func accepts(_ change: Batch) -> Bool { rows.holdsRetractions(of: change) }

  /// Insertions can always be applied; whether a row is left to be retracted depends on what the tick has retracted.
  func mayJoin(_ change: Batch, staged: Batch, _ keys: inout StagedKeys?) -> Bool {
    !change.retracts
  }

  func apply(_ change: Batch, tick: UInt64, ids: AppliedIDs?) {
    rows.add(change, tick: tick, appliedIDs: ids)
    rows.endTick()
  }
}

/// A stream whose rows lie where they came from; here is only how far they have been taken in.
final class SourcedStream: StoredRelation {
  let types: [SQLType]
  let root: NodeID
  private let source: SourceState

  var nodes: [NodeID] { [root] }
  var content: StoredRows { .atSource(source.spec, source.partitions) }
  var rowCount: Int { source.rowCount }
  var stateBytes: Int { 0 }

  init(_ relation: Relation, _ source: SourceState, root: NodeID) {
    types = relation.columns.map(\.type)
    self.source = source
    self.root = root
  }
}

/// A local stream: rows that statements append, and nothing changes. Here is only how far it goes.
final class LocalStream: StoredRelation {
  let types: [SQLType]
  let root: NodeID
  let rows: StreamRows
  private(set) var endOffset: UInt64 = 0
  /// What has been appended since small chunks were last looked for.
  private var unmerged = (rows: 0, chunks: 0)
  /// In a replay, the chunk whose rows were asked for last.
  private var replayed: PlacedRows?

  var nodes: [NodeID] { [root] }
  var content: StoredRows { .appended(rows, end: endOffset) }
  var rowCount: Int { Int(endOffset) }
  var stateBytes: Int { rows.memoryBytes }

  init(_ relation: Relation, root: NodeID, log: (any TickLog)?) {
    types = relation.columns.map(\.type)
    self.root = root
    rows = StreamRows(of: relation.id, types: types.map(\.physicalType), log: log)
  }

  /// The rows that a tick has appended are there from now on; within its publish.
  func moved(by chunks: [StreamChunk]) {
    let count = chunks.reduce(0) { $0 + Int($1.rowCount) }
    endOffset += UInt64(count)
    unmerged = (unmerged.rows + count, unmerged.chunks + chunks.count)
    // As many rows as make a chunk, and not in one.
    if unmerged.rows < Batch.targetRowCount { return }
    if unmerged.chunks > 1 { rows.merge() }
    unmerged = (0, 0)
  }

  /// What a logged tick appended, `count` rows at `offset`. A stream that a later tick drops has them no more: they are not
  /// needed then, for whatever was made of them is gone too.
  ///
  /// - before: where the rows end that the tick has appended before.
  /// - Returns: nil where the entry does not fit what came before.
  func replay(_ count: Int, at offset: UInt64, after before: UInt64?) throws(SQLError) -> Batch? {
    guard offset == before ?? endOffset else { return nil }
    let end = offset + UInt64(count)
    if replayed.map({ $0.firstOffset <= offset && end <= $0.endOffset }) != true {
      replayed = try rows.chunks(from: offset, to: end).first
    }
    guard let replayed else { return Batch(count: 0, columns: types.map { .allNull($0.physicalType, count: 0) }) }
    return end <= replayed.endOffset ? replayed.rows(from: offset, to: end) : nil
  }

  /// What was replayed is there; within the tick's publish.
  func moved(to offset: UInt64) { endOffset = offset }

  func endReplay() { replayed = nil }
}

/// A materialized view: its rows and how often each is there, and how many rows fail.
final class ViewRelation: EnumerableRelation {
  let types: [SQLType]
  let root: NodeID
  /// The nodes of its query, inputs first; others may use them too.
  var planNodes: [PlanNode]
  /// The columns of other relations that its query reads.
  let columnsRead: [RelationID: Set<Int>]
  /// The workers'. What they gather is put together in the publish; the rows are the driver's.
  private let outputs: [Output]
  private var rows: WeightedRows
  private let failing: FailingRows
  /// Takes the changes in place of `rows`, which then stay empty.
  private let sink: (any ChangeSink)?

  var nodes: [NodeID] { planNodes.map(\.id) }
  var content: StoredRows { .kept(rows.reference) }
  var rowCount: Int { rows.count }
  var stateBytes: Int { rows.stateBytes }
  var idLimit: Int { rows.idLimit }
  func rows(from first: Int, to end: Int) -> Batch { rows.rows(from: first, to: end) }
  var failingRowCount: Int { failing.count }
  /// Whether this tick changed it.
  var isChanged: Bool { outputs.contains { $0.isChanged } }

  init(
    types: [SQLType], columnsRead: [RelationID: Set<Int>], outputs: [Output], root: NodeID, planNodes: [PlanNode],
    in space: StateSpace, sink: (any ChangeSink)? = nil
  ) {
    self.sink = sink
    self.types = types
    self.columnsRead = columnsRead
    self.outputs = outputs
    self.root = root
    self.planNodes = planNodes
    rows = WeightedRows(types: types.map(\.physicalType), space: space)
    failing = FailingRows(types: types, in: space)
  }

  /// Takes what the tick brought; within a publish, or while nobody can see the view.
  ///
  /// - gates: of new views that read this one.
  /// - Returns: what that changed, consolidated, if anybody wants to know.
  func applyChanges(tick: UInt64, isFollowed: Bool, gates: [BackfillGate]) -> [Batch] {
    let taken = outputs.map { $0.take() }
    for batch in taken.lazy.flatMap(\.batches) {
      let ids = gates.isEmpty || sink != nil ? nil : AppliedIDs(count: batch.count)
      if let sink { sink.take(batch, types: types) } else { rows.add(batch, tick: tick, appliedIDs: ids) }
      for gate in gates { gate.take(batch, ids: ids) }
    }
    let changes = isFollowed ? rows.changes(of: .weight) : []
    rows.endTick()
    for errors in taken.lazy.flatMap(\.errors) { failing.add(errors, tick: tick) }
    return changes
  }
}
