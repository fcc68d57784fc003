package import Columnar
import SQLTypes
import StateMemory

/// What some groups send at the end of a tick: the key's columns in canonical form, then the aggregates.
package struct GroupChanges: Sendable {
  /// Rows that were sent before (-1) and are now (+1).
  package let data: Batch
  /// The same of groups of which aggregates cannot be sent; `failures` names them by row and aggregate.
  package let failed: Batch
  package let failures: [AggregateFailure]
  /// The same of groups that a live error withholds; their aggregates are null. Then the error's text for each.
  package let withheld: Batch
  package let errorTexts: Column
}

extension GroupState {
  /// Ends the tick: tells what the touched groups sent before and send now, where that differs; empty groups leave.
  package mutating func endTick(_ send: (GroupChanges) -> Void) {
    touchUngrouped()
    updateExtremes()
    var first = 0
    while first < touched.count {
      let count = min(Batch.targetRowCount / 2, touched.count - first)
      sendChanges(first, count, send)
      first += count
    }
    readCount += touched.count
    clean()
    hasSent = true
  }

  /// Puts each touched group's extremes and error, as the indexes have them now, into its row.
  private mutating func updateExtremes() {
    let orderedSlots = slots.filter { $0.kind == .ordered }
    for index in indexes { index.updateOrder() }
    errors?.updateOrder()
    if (orderedSlots.isEmpty && errors == nil) || touched.isEmpty { return }
    let ids = touched
    let base = rows.willChange(ids.span).base + keyLayout.endWord * 8, rowBytes = rows.rowBytes
    for id in ids {
      let image = (base + Int(id) &* rowBytes).assumingMemoryBound(to: UInt64.self)
      for slot in orderedSlots {
        guard let index = slot.index else { continue }
        image[slot.word] = indexes[index].extreme(of: id, isMinimum: slot.call.function != .maximum)
      }
      if let errors { image[1] = errors.extreme(of: id, isMinimum: true) }
    }
  }

  /// Sends the changes of `count` touched groups from number `first` on.
  private func sendChanges(_ first: Int, _ count: Int, _ send: (GroupChanges) -> Void) {
    let base = rows.base + keyLayout.endWord * 8, rowBytes = rows.rowBytes
    withUnsafeTemporaryAllocation(of: UnsafePointer<UInt64>.self, capacity: 2 * count) { addresses in
      withUnsafeTemporaryAllocation(of: SentStatus.self, capacity: 2 * count) { status in
        for group in 0..<count {
          let old = UnsafePointer(images.base + (first + group) &* imageWords)
          let new = UnsafePointer((base + Int(touched[first + group]) &* rowBytes).assumingMemoryBound(to: UInt64.self))
          addresses[group] = old
          addresses[count + group] = new
          status[group] = keys.isEmpty && !hasSent ? .absent : self.status(of: old)
          status[count + group] = self.status(of: new)
        }
        let input = GroupImages(
          addresses: addresses.baseAddress!, count: 2 * count, oldCount: count, status: status.baseAddress!)
        var failures: [AggregateFailure] = []
        let results = slots.enumerated().map { self.results($1, input, $0, &failures) }
        for failure in failures { status[failure.row] = .failed }
        withUnsafeTemporaryAllocation(of: Bool.self, capacity: count) { changed in
          changed.initialize(repeating: false)
          markChanges(count, results, input, failures, changed.baseAddress!)
          send(changes(first, count, results, input, changed.baseAddress!, failures))
        }
      }
    }
  }

  @inline(__always)
  private func status(of image: UnsafePointer<UInt64>) -> SentStatus {
    if image[1] != 0 { return .withheld }
    return keys.isEmpty || Int64(bitPattern: image[0]) > 0 ? .data : .absent
  }

  /// Marks the groups of which what they send differs from what they sent.
  private func markChanges(
    _ count: Int, _ results: [Column], _ images: GroupImages, _ failures: [AggregateFailure],
    _ changed: UnsafeMutablePointer<Bool>
  ) {
    for result in results { markDifferences(result, count, changed) }
    let status = images.status
    for group in 0..<count {
      let (old, new) = (status[group], status[count &+ group])
      if old != new {
        changed[group] = true
      } else if old != .data {
        if old == .absent { changed[group] = false }
        if old == .withheld { changed[group] = images.addresses[group][1] != images.addresses[count + group][1] }
      }
    }
    if failures.isEmpty { return }
    // Of a group that failed before and fails now the failures are compared too.
    let byRow = Dictionary(grouping: failures, by: \.row).mapValues { list in list.map { "\($0.column) \($0.error.message)" } }
    for group in 0..<count where status[group] == .failed && status[count + group] == .failed {
      if byRow[group] != byRow[count + group] { changed[group] = true }
    }
  }

  private func changes(
    _ first: Int, _ count: Int, _ results: [Column], _ images: GroupImages, _ changed: UnsafePointer<Bool>,
    _ failures: [AggregateFailure]
  ) -> GroupChanges {
    let data = sent(.data, first, count, images, changed)
    let failed = failures.isEmpty ? SentRows(capacity: 0) : sent(.failed, first, count, images, changed)
    let withheld = errors == nil ? SentRows(capacity: 0) : sent(.withheld, first, count, images, changed)
    let errorIDs = (0..<withheld.count).map {
      UInt32(truncatingIfNeeded: images.addresses[Int(withheld.rowNumbers[$0])][1] - 1)
    }
    let texts = errorIDs.withUnsafeBufferPointer { ids in
      ids.isEmpty ? Column.allNull(.text, count: 0) : errors!.values(of: ids.baseAddress!, count: ids.count)
    }
    var position: [Int: Int] = [:]
    for row in 0..<failed.count { position[Int(failed.rowNumbers[row])] = row }
    return GroupChanges(
      data: batch(data, results), failed: batch(failed, results),
      failures: failures.compactMap { failure in
        position[failure.row].map { AggregateFailure(column: failure.column, row: $0, error: failure.error) }
      },
      withheld: batch(withheld, results), errorTexts: texts)
  }

  /// The changed groups' rows of one status: what was sent (-1), then what is (+1).
  private func sent(
    _ wanted: SentStatus, _ first: Int, _ count: Int, _ images: GroupImages, _ changed: UnsafePointer<Bool>
  ) -> SentRows {
    var sent = SentRows(capacity: 2 * count)
    let (rows, ids, weights, status) = (sent.rowNumbers, sent.groupIDs, sent.weightValues, images.status)
    touched.withUnsafeBufferPointer { touched in
      let touched = touched.baseAddress! + first
      var kept = 0, group = 0
      while group < count {
        if changed[group] {
          rows[kept] = Int32(truncatingIfNeeded: group)
          ids[kept] = touched[group]
          weights[kept] = -1
          kept &+= status[group] == wanted ? 1 : 0
          rows[kept] = Int32(truncatingIfNeeded: count &+ group)
          ids[kept] = touched[group]
          weights[kept] = 1
          kept &+= status[count &+ group] == wanted ? 1 : 0
        }
        group &+= 1
      }
      sent.count = kept
    }
    return sent
  }

  private func batch(_ sent: SentRows, _ results: [Column]) -> Batch {
    let count = sent.count, arenaBase = arena.base, selection = Selection(count: count, rows: sent.rows)
    let keyColumns = count == 0
      ? keyTypes.map { Column.allNull($0.physicalType, count: 0) }
      : unpack(keyLayout.fields, base: rows.base, rowBytes: rows.rowBytes, rows: sent.groupIDs, count: count) {
        tail, bytes, to in to.copyMemory(from: longText(tail, arenaBase), byteCount: bytes)
      }
    let columns = keyColumns + results.map { $0.gather(selection) }
    return Batch(count: count, columns: columns, weights: Column(.int64, count: count, values: sent.weights))
  }

  /// Frees what is empty, and begins the next round.
  private mutating func clean() {
    let endWord = keyLayout.endWord, rowBytes = rows.rowBytes, ids = touched
    let base = rows.base + endWord * 8
    let bucketed = slots.filter { $0.kind == .buckets }.map(\.word)
    if !bucketed.isEmpty { _ = rows.willChange(ids.span) }
    let texts = slots.filter { $0.kind == .latest && $0.call.argument?.type.physicalType == .text }.map(\.word)
    var dead: [UInt32] = []
    for id in ids {
      let image = (base + Int(id) &* rowBytes).assumingMemoryBound(to: UInt64.self)
      let isDead = endWord > 0 && image[0] == 0 && image[1] == 0
      for word in bucketed where image[word + 1] != 0 {
        image[word + 1] = buckets.removeEmpty(from: image[word + 1], all: isDead)
      }
      if isDead { dead.append(id) }
    }
    if !texts.isEmpty {
      let writer = arena.willChange()
      for id in dead {
        let image = (base + Int(id) &* rowBytes).assumingMemoryBound(to: UInt64.self)
        for word in texts where image[word] != 0 { freeTexts(of: image + word + 1, [1], writer) }
      }
    }
    removeGroups(dead)
    for index in indexes { index.endTick() }
    errors?.endTick()
    arena.endTick()
    touched.removeAll(keepingCapacity: touched.count <= 1 << 16)
    images.trim()
    round += 1
  }
}

/// What a group sends: nothing, data, or an error row because an aggregate fails or a live error withholds it.
enum SentStatus: UInt8 { case absent, data, failed, withheld }

/// Rows of results that are sent, with their groups and weights; room for one more.
private struct SentRows {
  var count = 0
  let rows: Buffer
  private let ids: Buffer
  let weights: Buffer

  init(capacity: Int) {
    rows = Buffer(byteCount: (capacity + 1) * 4)
    ids = Buffer(byteCount: (capacity + 1) * 4)
    weights = Buffer(byteCount: (capacity + 1) * 8)
  }

  var rowNumbers: UnsafeMutablePointer<Int32> { rows.pointer(as: Int32.self) }
  var groupIDs: UnsafeMutablePointer<UInt32> { ids.pointer(as: UInt32.self) }
  var weightValues: UnsafeMutablePointer<Int64> { weights.pointer(as: Int64.self) }
}

/// Marks the rows below `count` that differ from the row `count` behind them. Null slots hold zero.
private func markDifferences(_ column: Column, _ count: Int, _ changed: UnsafeMutablePointer<Bool>) {
  if let nulls = column.nulls?.pointer(as: UInt64.self) {
    for row in 0..<count {
      let other = row &+ count
      let differs = (nulls[row &>> 6] &>> UInt64(row & 63) ^ nulls[other &>> 6] &>> UInt64(other & 63)) & 1
      changed[row] = changed[row] || differs != 0
    }
  }
  @inline(__always)
  func compare<T: BitwiseCopyable>(_ type: T.Type, _ differ: (T, T) -> Bool) {
    let values = column.pointer(as: type)
    for row in 0..<count { changed[row] = differ(values[row], values[count &+ row]) || changed[row] }
  }
  switch column.physicalType {
  case .bool: compare(UInt8.self, !=)
  case .int16: compare(Int16.self, !=)
  case .int32, .float32: compare(Int32.self, !=)
  case .int64, .float64: compare(Int64.self, !=)
  case .int128: compare(Int128.self, !=)
  case .interval: compare(Interval.self) { !$0.isIdentical(to: $1) }
  case .numeric: compare((UInt64, UInt64, UInt64).self, !=)
  case .text:
    for row in 0..<count where !changed[row] && !column.isNull(row) {
      let differs = column.withText(row) { old in
        column.withText(count + row) { new in
          old.withUnsafeBytes { old in new.withUnsafeBytes { !old.elementsEqual($0) } }
        }
      }
      if differs { changed[row] = true }
    }
  }
}
