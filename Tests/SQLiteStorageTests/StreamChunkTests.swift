import Columnar
import CrashVFS
import Dataflow
import Foundation
import SQLTypes
import TestSupport
import Testing

@testable import SQLiteStorage

private let types: [PhysicalType] = [.int64, .text]

/// Rows (n, its text) for the numbers of a range; every seventh text is null.
private func batch(_ numbers: Range<UInt64>) -> Batch {
  var keys = ColumnBuilder<Int64>(.int64, capacity: numbers.count)
  var texts = TextBuilder(capacity: numbers.count)
  for number in numbers {
    keys.append(Int64(number))
    if number % 7 == 0 { texts.appendNull() } else { texts.append(Array("row \(number) of the stream".utf8).span) }
  }
  return Batch(count: numbers.count, columns: [keys.finish(), texts.finish()])
}

private func chunk(_ id: UInt64, _ numbers: Range<UInt64>) -> StreamChunk {
  StreamChunk(id: id, rowCount: UInt32(numbers.count), batch: BatchCodec.encode(batch(numbers)))
}

/// The entry of a tick that appends these chunks, one behind the other, to a stream.
private func entry(_ tick: UInt64, _ relation: UInt64, at offset: UInt64, _ chunks: [StreamChunk]) -> TickEntry {
  var entry = TickEntry(number: tick, clockMicroseconds: 0)
  var offset = offset
  for chunk in chunks {
    entry.streamAppends.append(.init(relation: relation, firstOffset: offset, rowCount: chunk.rowCount, chunk: chunk.id))
    offset += UInt64(chunk.rowCount)
  }
  return entry
}

/// The numbers of the rows in [start, end), checked against the texts beside them.
private func numbers(_ log: LeatDatabase, _ relation: UInt64, _ start: UInt64, _ end: UInt64) throws -> [Int64] {
  var found: [Int64] = []
  try log.readChunks(of: relation, from: start, to: end) { (placed) throws(SQLError) in
    let batch = try BatchCodec.decode(placed.chunk.batch, types: types)
    for row in 0..<batch.count {
      let offset = placed.firstOffset + UInt64(row)
      let number = batch.columns[0].value(row, as: Int64.self)
      #expect(batch.columns[1].isNull(row) == (number % 7 == 0))
      #expect(batch.columns[1].isNull(row) || batch.columns[1].text(row) == "row \(number) of the stream")
      if offset >= start && offset < end { found.append(number) }
    }
  }
  return found
}

@Suite struct StreamChunkTests {
  /// Random small appends to two streams, merges in between: every range of offsets gives its rows, before and after.
  @Test(arguments: 1...8) func everyRangeGivesItsRowsWhateverWasMerged(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let log = try LeatDatabase(path: ":memory:")
    var ends: [UInt64: UInt64] = [1: 0, 2: 0]
    var nextID = try log.nextChunkID()
    for tick in UInt64(1)...120 {
      let relation = 1 + random.next() % 2
      let start = ends[relation]!
      let end = start + 1 + random.next() % (random.next() % 8 == 0 ? 3000 : 90)
      let new = chunk(nextID, start..<end)
      nextID += 1
      try log.write([entry(tick, relation, at: start, [new])], [new])
      ends[relation] = end
      if random.next() % 10 == 0, let run = try log.mergeableChunks(of: relation, from: random.next() % end).run {
        #expect(run.endOffset - run.firstOffset <= UInt64(Batch.targetRowCount))
        try log.merge(run, types: types, as: nextID)
        nextID += 1
      }
      #expect(try log.endOffset(of: relation) == end)
      let from = random.next() % end
      let to = from + 1 + random.next() % (end - from)
      #expect(try numbers(log, relation, from, to) == (from..<to).map { Int64($0) })
    }
    for (relation, end) in ends {
      let before = try LeatDatabase.integer("SELECT count(*) FROM stream_chunks WHERE relation = \(relation)", in: log.database)
      while let run = try log.mergeableChunks(of: relation, from: 0).run {
        try log.merge(run, types: types, as: nextID)
        nextID += 1
      }
      let after = try LeatDatabase.integer("SELECT count(*) FROM stream_chunks WHERE relation = \(relation)", in: log.database)
      #expect(after < before)
      #expect(try numbers(log, relation, 0, end) == (0..<end).map { Int64($0) })
    }
    // A chunk in no stream is a leak.
    #expect(try LeatDatabase.integer("SELECT count(*) FROM chunks WHERE id NOT IN (SELECT chunk FROM stream_chunks)", in: log.database) == 0)
  }

  @Test func aRangeThatIsNotThereIsDamage() throws {
    let log = try LeatDatabase(path: ":memory:")
    let new = chunk(1, 0..<10)
    try log.write([entry(1, 5, at: 0, [new])], [new])
    for (relation, range) in [(UInt64(5), UInt64(0)..<11), (5, 10..<12), (6, 0..<1)] {
      let error = #expect(throws: SQLError.self) { try numbers(log, relation, range.lowerBound, range.upperBound) }
      #expect(error?.state == .dataCorrupted)
    }
    #expect(try numbers(log, 6, 0, 0).isEmpty)
  }

  @Test(arguments: [
    "UPDATE chunks SET batch = zeroblob(length(batch))", "UPDATE chunks SET row_count = 4", "DELETE FROM chunks WHERE id = 2",
    "UPDATE stream_chunks SET chunk = 3 - chunk", "UPDATE stream_chunks SET first_offset = 6 WHERE first_offset = 5",
    "DELETE FROM stream_chunks WHERE first_offset = 0", "DELETE FROM stream_chunks WHERE first_offset = 5",
    "UPDATE stream_chunks SET relation = 6 WHERE first_offset = 5", "UPDATE stream_chunks SET row_count = row_count + 1",
  ]) func aDamagedChunkIsAnError(sql: String) throws {
    let log = try LeatDatabase(path: ":memory:")
    let new = [chunk(1, 0..<5), chunk(2, 5..<10)]
    try log.write([entry(1, 5, at: 0, new)], new)
    try log.database.execute(sql)
    let error = #expect(throws: SQLError.self) { try numbers(log, 5, 0, 10) }
    #expect(error?.state == .dataCorrupted)
  }

  @Test func aTickMustNameWhatIsThereAndWhereItGoes() throws {
    let log = try LeatDatabase(path: ":memory:")
    let first = chunk(1, 0..<5)
    try log.write([entry(1, 5, at: 0, [first])], [first])
    let second = chunk(2, 5..<8)
    for (wrong, chunks) in [
      (entry(2, 5, at: 5, [second]), []), (entry(2, 5, at: 6, [second]), [second]), (entry(2, 5, at: 4, [second]), [second]),
      (entry(2, 5, at: 5, [first]), []),
    ] {
      let error = #expect(throws: SQLError.self) { try log.write([wrong], chunks) }
      #expect(error?.state == .internalError)
    }
    #expect(try log.lastTick() == 1 && log.endOffset(of: 5) == 5)
    try log.write([entry(2, 5, at: 5, [second])], [second])
    #expect(try numbers(log, 5, 0, 8) == (0..<8).map { Int64($0) })
  }

  @Test func chunksOfACopyAreThereOnceTheirTickIsAndElseDeletedAtTheStart() throws {
    let disk = CrashDisk(name: "copy")
    do {
      let log = try LeatDatabase(path: "/leat.db", vfs: disk.name)
      for id in UInt64(1)...6 { try log.write(unnamed: chunk(id, (id - 1) * 10..<id * 10)) }
      try log.write([entry(1, 5, at: 0, (1...3).map { chunk($0, ($0 - 1) * 10..<$0 * 10) })], [])
      try log.deleteUnnamed([3, 4])
      #expect(try LeatDatabase.integer("SELECT count(*) FROM chunks", in: log.database) == 5)
    }
    let log = try LeatDatabase(path: "/leat.db", vfs: disk.name)
    #expect(try LeatDatabase.integer("SELECT count(*) FROM chunks", in: log.database) == 3)
    #expect(try LeatDatabase.integer("SELECT count(*) FROM unnamed_chunks", in: log.database) == 0)
    #expect(try numbers(log, 5, 0, 30) == (0..<30).map { Int64($0) })
  }

  /// A search goes on where the last one ended, and finds what one from the start would.
  @Test func aSearchForMergesGoesOnBehindWhatIsSettled() throws {
    var random = SeededRandom(seed: 4)
    let log = try LeatDatabase(path: ":memory:")
    var (end, settled, nextID, merged) = (UInt64(0), UInt64(0), UInt64(1), 0)
    for tick in UInt64(1)...400 {
      let new = chunk(nextID, end..<end + 1 + random.next() % (random.next() % 20 == 0 ? 5000 : 60))
      nextID += 1
      try log.write([entry(tick, 5, at: end, [new])], [new])
      end += UInt64(new.rowCount)
      while true {
        let found = try log.mergeableChunks(of: 5, from: settled)
        #expect(try found.run == log.mergeableChunks(of: 5, from: 0).run)
        settled = found.settled
        guard let run = found.run else { break }
        try log.merge(run, types: types, as: nextID)
        (nextID, merged) = (nextID + 1, merged + 1)
      }
    }
    #expect(merged > 5 && settled > end - 10_000)
    #expect(try numbers(log, 5, 0, end) == (0..<end).map { Int64($0) })
  }

  /// Wide rows are merged up to a megabyte, not up to a number of rows.
  @Test func aMergedChunkHasAboutAMegabyteAtMost() throws {
    let log = try LeatDatabase(path: ":memory:")
    for tick in UInt64(1)...8 {
      var texts = TextBuilder(capacity: 1)
      texts.append(Array(repeating: UInt8(ascii: "x"), count: 300_000).span)
      let row = Batch(count: 1, columns: [texts.finish()])
      let new = StreamChunk(id: tick, rowCount: 1, batch: BatchCodec.encode(row))
      try log.write([entry(tick, 5, at: tick - 1, [new])], [new])
    }
    #expect(try log.mergeableChunks(of: 5, from: 0).run == MergeableChunks(relation: 5, firstOffset: 0, endOffset: 3))
  }

  @Test func droppingAndRetentionDeleteChunks() throws {
    let log = try LeatDatabase(path: ":memory:")
    let new = (UInt64(1)...5).map { chunk($0, ($0 - 1) * 10..<$0 * 10) }
    try log.write([entry(1, 5, at: 0, new)], new)
    let other = chunk(9, 0..<4)
    try log.write([entry(2, 6, at: 0, [other])], [other])
    #expect(try !log.deleteChunks(of: 5, before: 29))
    #expect(try numbers(log, 5, 20, 50) == (20..<50).map { Int64($0) })
    #expect(throws: SQLError.self) { try numbers(log, 5, 19, 50) }
    #expect(try !log.isDropped(stream: 5))
    try log.markDropped(stream: 5)
    #expect(try log.isDropped(stream: 5) && !log.isDropped(stream: 6))
    #expect(try log.deleteChunks(of: 5, atMost: 2))
    #expect(try numbers(log, 5, 40, 50) == (40..<50).map { Int64($0) })
    #expect(try !log.deleteChunks(of: 5, atMost: 2))
    #expect(try log.endOffset(of: 5) == nil)
    try log.database.execute("UPDATE dropped_streams SET relation = 6")
    #expect(throws: SQLError.self) { try log.isDropped(stream: 6) }
    #expect(try numbers(log, 6, 0, 4) == [0, 1, 2, 3])
    #expect(try LeatDatabase.integer("SELECT count(*) FROM chunks", in: log.database) == 1)
  }

  /// Power failures under appends, COPY chunks and merges: every acknowledged row is there, once, and no unnamed chunk is.
  @Test(arguments: [0..<30, 30..<60]) func rowsOfAcknowledgedTicksOutliveAPowerFailure(seeds: Range<Int>) throws {
    for seed in seeds {
      var random = SeededRandom(seed: UInt64(seed))
      let disk = CrashDisk(name: "chunks-\(seed)", sectorBytes: seed % 2 == 0 ? 512 : 4096, isPowersafe: seed % 2 == 0)
      var acknowledged: UInt64 = 0
      var attempted: UInt64 = 0
      disk.powerOff(afterOperations: 40 + Int(random.next() % 300))
      do throws(SQLError) {
        let log = try LeatDatabase(path: "/leat.db", vfs: disk.name)
        var nextID = try log.nextChunkID()
        for tick in UInt64(1)...200 {
          let end = acknowledged + 1 + random.next() % 500
          let new = chunk(nextID, acknowledged..<end)
          nextID += 1
          attempted = end
          let isCopied = random.next() % 2 == 0
          if isCopied { try log.write(unnamed: new) }
          try log.write([entry(tick, 5, at: acknowledged, [new])], isCopied ? [] : [new])
          acknowledged = end
          if random.next() % 4 == 0, let run = try log.mergeableChunks(of: 5, from: 0).run {
            try log.merge(run, types: types, as: nextID)
            nextID += 1
          }
          if random.next() % 8 == 0 { _ = try log.database.checkpoint() }
        }
      } catch {
        #expect(disk.isOff, "seed \(seed): \(error)")
      }
      disk.reboot(seed: random.next())
      let log = try LeatDatabase(path: "/leat.db", vfs: disk.name)
      let end = try log.endOffset(of: 5) ?? 0
      #expect(end == acknowledged || end == attempted, "seed \(seed)")
      #expect(try numbers(log, 5, 0, end) == (0..<end).map { Int64($0) }, "seed \(seed)")
      #expect(try LeatDatabase.integer("SELECT count(*) FROM chunks WHERE id NOT IN (SELECT chunk FROM stream_chunks)", in: log.database) == 0)
    }
  }
}

/// What the log's thread does with chunks.
@Suite struct StreamChoresTests {
  /// Appends rows one by one, and waits until they are written.
  private func append(_ count: UInt64, to stream: UInt64, from tick: UInt64, _ log: LogThread) throws {
    for offset in 0..<count {
      let new = chunk(log.newChunkID(), offset..<offset + 1)
      try log.submit(entry(tick + offset, stream, at: offset, [new]), [new], isSynchronous: false)
    }
  }

  private func rows(_ log: LogThread, _ stream: UInt64, to end: UInt64) throws -> [Int64] {
    var (next, found): (UInt64, [Int64]) = (0, [])
    while next < end {
      let placed = try log.readChunks(of: stream, from: next, to: end)
      for part in placed {
        let batch = try part.decoded(types, of: stream)
        found += (0..<batch.count).map { batch.columns[0].value($0, as: Int64.self) }
        next = part.endOffset
      }
      if placed.isEmpty { break }
    }
    return found
  }

  private func chunkCount(_ log: LogThread) throws -> Int64 {
    try log.perform { (database) throws(SQLError) in try LeatDatabase.integer("SELECT count(*) FROM chunks", in: database.database) }
  }

  @Test func smallChunksAreMergedAndDroppedOnesDeletedMeanwhile() throws {
    let disk = CrashDisk(name: "chores")
    do {
      let log = try LogThread(LeatDatabase(path: "/leat.db", vfs: disk.name))
      defer { log.stop() }
      let count = UInt64(Batch.targetRowCount) * 2 + 10
      try append(count, to: 5, from: 1, log)
      try append(300, to: 6, from: count + 1, log)
      log.mergeChunks(of: 5, types: types)
      // Rows are read whatever the thread is at.
      for _ in 0..<20 { #expect(try rows(log, 5, to: count) == (0..<Int64(count)).map { $0 }) }
      for _ in 0..<500 where try chunkCount(log) > 312 { usleep(10_000) }
      #expect(try chunkCount(log) == 312)
      #expect(try rows(log, 5, to: count) == (0..<Int64(count)).map { $0 })
      log.deleteChunks(of: 6)
      for _ in 0..<500 where try chunkCount(log) > 12 { usleep(10_000) }
      #expect(try chunkCount(log) == 12)
      #expect(try rows(log, 6, to: 300).isEmpty)
      #expect(throws: SQLError.self) { try rows(log, 7, to: 300) }
    }
    // New chunks have new ids.
    let log = try LogThread(LeatDatabase(path: "/leat.db", vfs: disk.name))
    defer { log.stop() }
    let last = try log.perform { (database) throws(SQLError) in try LeatDatabase.integer("SELECT max(id) FROM chunks", in: database.database) }
    #expect(log.newChunkID() == UInt64(last) + 1)
    #expect(try rows(log, 6, to: 300).isEmpty)
  }

  /// What could not be written is not there to be read, and the reader is told why.
  @Test func aReaderOfRowsThatCouldNotBeWrittenIsToldWhy() throws {
    let disk = CrashDisk(name: "chores-full")
    let log = try LogThread(LeatDatabase(path: "/leat.db", vfs: disk.name))
    defer { log.stop() }
    try append(3, to: 5, from: 1, log)
    #expect(try rows(log, 5, to: 3) == [0, 1, 2])
    disk.fail(.write, code: 13)  // SQLITE_FULL
    let new = chunk(log.newChunkID(), 3..<4)
    try log.submit(entry(4, 5, at: 3, [new]), [new])
    #expect(throws: SQLError.self) { try log.waitDurable(4) }
    let error = #expect(throws: SQLError.self) { try rows(log, 5, to: 4) }
    #expect(error?.state == .diskFull)
    #expect(try rows(log, 5, to: 3) == [0, 1, 2])
  }
}
