internal import Columnar
internal import SQLTypes

/// The rows of one of Nexmark's tables as batches.
///
/// Events of a batch are made first, as plain structs in one array, then each column in a loop of its own. Texts that come from the
/// generator's pools stay in one copy of them, which all batches share; only the words made for one event are copied.
final class NexmarkRows {
  private let spec: SourceSpec
  private let table: NexmarkTable
  private let partition: Int
  /// For each column of the spec the number of its field in the table.
  private let fields: [Int]
  private let pool: Buffer
  private var generator: NexmarkGenerator
  /// The event behind the last one to make.
  private let endEvent: Int64

  private var persons: [NexmarkPerson] = []
  private var auctions: [NexmarkAuction] = []
  private var bids: [NexmarkBid] = []
  private var offsets: [Int64] = []

  /// - Errors: XX001 for bytes that are no position.
  init(_ spec: SourceSpec, _ options: NexmarkOptions, from: PartitionPosition) throws(SQLError) {
    self.spec = spec
    table = options.table
    partition = from.partition
    var fields: [Int] = []
    for column in spec.columns { fields.append(try options.table.field(for: column)) }
    self.fields = fields
    generator = NexmarkGenerator(seed: options.seed)
    let bytes = generator.arena
    let copy = Buffer(byteCount: bytes.count)
    unsafe bytes.withUnsafeBytes { source in
      if let start = source.baseAddress { unsafe copy.base.copyMemory(from: start, byteCount: source.count) }
    }
    pool = copy
    endEvent = min(options.events ?? .max, options.rows.map(options.table.eventBehind) ?? .max)
    if !from.position.isEmpty {
      guard let position = NexmarkGenerator.Position(from.position) else { throw .badPosition(of: from.name) }
      generator.resume(at: position)
    }
  }

  var position: NexmarkGenerator.Position { generator.position }

  /// The next batch; nil at the end.
  ///
  /// - upTo: the event to stop before, for a replay.
  func next(atMost rowLimit: Int, upTo: Int64 = .max) -> SourceBatch? {
    let end = min(endEvent, upTo)
    if position.event >= end { return nil }
    persons.removeAll(keepingCapacity: true)
    auctions.removeAll(keepingCapacity: true)
    bids.removeAll(keepingCapacity: true)
    offsets.removeAll(keepingCapacity: true)
    // The two fields of a person or an auction whose words are made for it.
    let words = table.wordFields
    var first = TextBuilder(capacity: words == nil ? 0 : rowLimit)
    var second = TextBuilder(capacity: words == nil ? 0 : rowLimit)
    while position.event < end, offsets.count < rowLimit {
      let event = position.event
      switch (generator.next(), table) {
      case (.person(let person), .person):
        persons.append(person)
        append(person.emailAddress, to: &first)
        append(person.creditCard, to: &second)
      case (.auction(let auction), .auction):
        auctions.append(auction)
        append(auction.itemName, to: &first)
        append(auction.description, to: &second)
      case (.bid(let bid), .bid):
        bids.append(bid)
      default: continue
      }
      offsets.append(event)
    }
    let (firstColumn, secondColumn) = (first.finish(), second.finish())
    let made = words.map { [$0.first: firstColumn, $0.second: secondColumn] } ?? [:]
    let columns = spec.columns.indices.map { index in
      spec.columns[index].isNeeded
        ? made[fields[index]] ?? column(fields[index])
        : Column.allNull(spec.columns[index].type.physicalType, count: offsets.count)
    }
    return SourceBatch(
      partition: partition, batch: Batch(count: offsets.count, columns: columns), offsets: integers(offsets) { $0 },
      positionAfter: position.bytes)
  }

  private func append(_ text: NexmarkText, to builder: inout TextBuilder) {
    let bytes = generator.arena
    builder.append(bytes.span.extracting(text.range))
  }

  private func column(_ field: Int) -> Column {
    switch (table, field) {
    case (.person, 0): integers(persons) { $0.id }
    case (.person, 1): texts(persons) { $0.name }
    case (.person, 4): texts(persons) { $0.city }
    case (.person, 5): texts(persons) { $0.state }
    case (.person, 6): integers(persons) { $0.timeMilliseconds * 1000 }
    case (.person, 7): texts(persons) { $0.extra }
    case (.auction, 0): integers(auctions) { $0.id }
    case (.auction, 3): integers(auctions) { $0.initialBid }
    case (.auction, 4): integers(auctions) { $0.reserve }
    case (.auction, 5): integers(auctions) { $0.timeMilliseconds * 1000 }
    case (.auction, 6): integers(auctions) { $0.expiresMilliseconds * 1000 }
    case (.auction, 7): integers(auctions) { $0.seller }
    case (.auction, 8): integers(auctions) { $0.category }
    case (.auction, 9): texts(auctions) { $0.extra }
    case (.bid, 0): integers(bids) { $0.auction }
    case (.bid, 1): integers(bids) { $0.bidder }
    case (.bid, 2): integers(bids) { $0.price }
    case (.bid, 3): texts(bids) { $0.channel }
    case (.bid, 4): texts(bids) { $0.url }
    case (.bid, 5): integers(bids) { $0.timeMilliseconds * 1000 }
    case (.bid, 6): texts(bids) { $0.extra }
    default: preconditionFailure("nexmark's \(table.rawValue) has no field \(field) of the pools")
    }
  }

  @inline(__always)
  private func integers<Row>(_ rows: [Row], _ value: (Row) -> Int64) -> Column {
    let out = Buffer(uninitializedByteCount: rows.count * 8)
    let values = unsafe out.pointer(as: Int64.self)
    for index in rows.indices { unsafe values[index] = value(rows[index]) }
    return Column(.int64, count: rows.count, values: out)
  }

  @inline(__always)
  private func texts<Row>(_ rows: [Row], _ value: (Row) -> NexmarkText) -> Column {
    let out = Buffer(uninitializedByteCount: rows.count * 16)
    let views = unsafe out.pointer(as: TextView.self)
    for index in rows.indices {
      let range = value(rows[index]).range
      unsafe views[index] = TextView(
        pool.base + range.lowerBound, count: range.count, arena: 0, offset: range.lowerBound)
    }
    return Column(.text, count: rows.count, values: out, arenas: [pool])
  }
}

extension NexmarkTable {
  /// The fields whose texts are made for each event.
  fileprivate var wordFields: (first: Int, second: Int)? {
    switch self {
    case .person: (2, 3)
    case .auction: (1, 2)
    case .bid: nil
    }
  }

  /// The number of the event behind the one that makes this table's `rows`-th row.
  func eventBehind(rows: Int64) -> Int64 {
    let (each, first): (Int64, Int64) =
      switch self {
      case .person: (NexmarkShape.personsPerEpoch, 0)
      case .auction: (NexmarkShape.auctionsPerEpoch, NexmarkShape.personsPerEpoch)
      case .bid:
        (
          NexmarkShape.eventsPerEpoch - NexmarkShape.personsPerEpoch - NexmarkShape.auctionsPerEpoch,
          NexmarkShape.personsPerEpoch + NexmarkShape.auctionsPerEpoch
        )
      }
    if rows == 0 { return 0 }
    let (epochs, overflow) = ((rows - 1) / each).multipliedReportingOverflow(by: NexmarkShape.eventsPerEpoch)
    return overflow ? .max : epochs.addingReportingOverflow(first + (rows - 1) % each + 1).partialValue
  }
}

extension NexmarkGenerator.Position {
  /// The event's number and the random state before it, eight bytes each, little-endian.
  var bytes: [UInt8] { [UInt8](littleEndianWords: UInt64(bitPattern: event), random.state) }

  /// Nil for bytes that are no position.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == 16, let event = Int64(exactly: bytes.littleEndianWord(at: 0)) else { return nil }
    self.init(event: event, random: NexmarkRandom(state: bytes.littleEndianWord(at: 8)))
  }
}
