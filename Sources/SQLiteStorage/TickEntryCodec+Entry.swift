package import Dataflow

extension TickEntryCodec {
  package static func encode(_ entry: TickEntry) -> [UInt8] {
    var out = EntryWriter()
    out.bytes.append(version)
    out.put(entry.number)
    out.put(signed: entry.clockMicroseconds)
    out.put(entry.partitions) {
      $0.put($1.source)
      $0.put(UInt64($1.partition))
      $0.put(Array($1.name.utf8))
    }
    out.put(entry.positions) {
      $0.put($1.source)
      $0.put(UInt64($1.partition))
      $0.put($1.position)
    }
    out.put(entry.floorJumps) {
      $0.put($1.source)
      $0.put(UInt64($1.partition))
      $0.put(signed: $1.offset)
      $0.put(signed: $1.floor)
    }
    out.put(entry.watermarkJumps) {
      $0.put($1.source)
      $0.put(signed: $1.watermark)
    }
    out.put(entry.ddl) {
      $0.put(Array($1.statement.utf8))
      $0.put($1.ids) { $0.put($1) }
    }
    out.put(entry.tableChanges) {
      $0.put($1.relation)
      $0.put($1.batch)
    }
    out.put(entry.streamAppends) {
      $0.put($1.relation)
      $0.put($1.firstOffset)
      $0.put(UInt64($1.rowCount))
      $0.put($1.chunk)
    }
    return out.bytes
  }

  /// Any bytes give an entry or an error, never a trap.
  package static func decode(_ bytes: [UInt8]) throws(MalformedEntry) -> TickEntry {
    var input = EntryReader(bytes)
    let found = try input.byte()
    guard found == version else { throw MalformedEntry(reason: "entry version \(found), expected \(version)") }
    var entry = TickEntry(number: try input.number(), clockMicroseconds: try input.signed())
    entry.partitions = try input.list { (from: inout EntryReader) throws(MalformedEntry) -> TickEntry.Partition in
      let (source, partition) = (try from.number(), try from.number32())
      guard let name = String(validating: try from.string(), as: UTF8.self) else {
        throw MalformedEntry(reason: "a partition's name that is not UTF-8")
      }
      return .init(source: source, partition: partition, name: name)
    }
    entry.positions = try input.list { (from: inout EntryReader) throws(MalformedEntry) -> TickEntry.Position in
      .init(source: try from.number(), partition: try from.number32(), position: try from.string())
    }
    entry.floorJumps = try input.list { (from: inout EntryReader) throws(MalformedEntry) -> TickEntry.FloorJump in
      .init(
        source: try from.number(), partition: try from.number32(), offset: try from.signed(),
        floor: try from.signed())
    }
    entry.watermarkJumps = try input.list {
      (from: inout EntryReader) throws(MalformedEntry) -> TickEntry.WatermarkJump in
      .init(source: try from.number(), watermark: try from.signed())
    }
    entry.ddl = try input.list { (from: inout EntryReader) throws(MalformedEntry) -> TickEntry.CatalogChange in
      let text = try from.string()
      guard let statement = String(validating: text, as: UTF8.self) else {
        throw MalformedEntry(reason: "a statement that is not UTF-8")
      }
      let ids = try from.list { (each: inout EntryReader) throws(MalformedEntry) -> UInt64 in try each.number() }
      return .init(statement: statement, ids: ids)
    }
    entry.tableChanges = try input.list { (from: inout EntryReader) throws(MalformedEntry) -> TickEntry.TableChange in
      .init(relation: try from.number(), batch: try from.string())
    }
    entry.streamAppends = try input.list { (from: inout EntryReader) throws(MalformedEntry) -> TickEntry.StreamAppend in
      .init(
        relation: try from.number(), firstOffset: try from.number(), rowCount: try from.number32(),
        chunk: try from.number())
    }
    guard input.index == bytes.count else { throw MalformedEntry(reason: "bytes after the end") }
    return entry
  }
}
