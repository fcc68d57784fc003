// Scans the bids of Nexmark in pieces of one mebibyte, then reads the same files as a source does, to finished batches, and prints
// megabytes and rows a second of processor time (of all threads).
//   BENCH=1 swift run -c release JSONScanBench [EVENTS]
import Columnar
import Connectors
import Glibc
import JSONScan
import Platform
import SQLTypes

@main
enum Bench {
  static func main() throws {
    let events = CommandLine.arguments.dropFirst().first.flatMap { Int64($0) } ?? 1_000_000
    let directory = "/tmp/leat-bench-\(getpid())"
    let writing = seconds()
    try NexmarkFiles.write(events: events, seed: 42, directory: directory)
    print("generate and write: \(Int(Double(events) / (seconds() - writing))) events/s")
    let bids: [ScanField] = [
      .init("auction", .bigint), .init("bidder", .bigint), .init("price", .bigint), .init("channel", .text),
      .init("url", .text), .init("dateTime", .moment), .init("extra", .text),
    ]
    measure("bid, 7 fields", bids, read("\(directory)/bid/part-0.jsonl"))
    measure("bid, 2 fields", Array(bids[0..<1] + bids[2..<3]), read("\(directory)/bid/part-0.jsonl"))
    let auctions: [ScanField] =
      ["id", "initialBid", "reserve", "seller", "category"].map { .init($0, .bigint) }
      + ["itemName", "description", "extra"].map { .init($0, .text) } + ["dateTime", "expires"].map { .init($0, .moment) }
    measure("auction, 10 fields", auctions, read("\(directory)/auction/part-0.jsonl"))
    let path = "\(directory)/bid/part-0.jsonl"
    try measureSource("bid to batches, 7 fields", file(path) { _ in true })
    try measureSource("bid to batches, 2 needed of 7", file(path) { $0 == 0 || $0 == 2 })
    try measureSource("bid to batches, dateTime as text", file(path, timeType: .text) { _ in true })
    let nexmark = ["connector": "nexmark", "table": "bid", "events": "\(events)"].map { SourceOption(name: $0.key, value: $0.value) }
    let columns = NexmarkTable.bid.fields.map { SourceSpec.Column(name: $0.name, type: $0.type) }
    try measureSource("nexmark to batches, 7 fields", SourceSpec(relation: "bid", columns: columns, options: nexmark))
    for kind in ["person", "auction", "bid"] {
      for part in 0..<2 { unlink("\(directory)/\(kind)/part-\(part).jsonl") }
      rmdir("\(directory)/\(kind)")
    }
    rmdir(directory)
  }

  static func measure(_ name: String, _ fields: [ScanField], _ bytes: [UInt8]) {
    var scanner = JSONScanner(fields)
    var columns = ScanColumns(fields)
    var best = 0.0
    var rows = 0
    for _ in 0..<9 {
      rows = 0
      let start = seconds()
      var at = 0
      while at < bytes.count {
        let end = min(at + (1 << 20), bytes.count)
        at += scanner.scan(bytes.span.extracting(at..<end), isFinal: end == bytes.count, into: &columns)
        rows += columns.rowCount
        if !columns.badRecords.isEmpty { print("bad records") }
      }
      best = max(best, Double(bytes.count) / 1e6 / (seconds() - start))
    }
    print("\(name): \(Int(best)) MB/s, \(rows) rows of \(bytes.count / max(rows, 1)) bytes")
  }

  static func file(_ path: String, timeType: SQLType = .timestamp, _ isNeeded: (Int) -> Bool) throws -> SourceSpec {
    let names: [(String, SQLType)] = [
      ("auction", .bigint), ("bidder", .bigint), ("price", .bigint), ("channel", .text), ("url", .text), ("dateTime", timeType),
      ("extra", .text),
    ]
    let options = ["connector": "file", "format": "json", "path": path].map { SourceOption(name: $0.key, value: $0.value) }
    return try SourceSpec(
      relation: "bid", columns: names.map { SourceSpec.Column(name: $0.0, type: $0.1) }, options: options
    ).needing(isNeeded)
  }

  static func measureSource(_ name: String, _ spec: SourceSpec) throws {
    var best = Double.infinity
    var rows = 0
    var bytes = 0
    var batches = 0
    for _ in 0..<7 {
      (rows, bytes, batches) = (0, 0, 0)
      let start = seconds()
      let source = spec.makeSource()
      let queue = BoundedQueue<SourceEvent>(capacity: 8)
      try source.start(from: [], into: queue)
      while let event = try queue.pop() {
        guard case .rows(let batch) = event else { continue }
        rows += batch.batch.count
        bytes += batch.byteCount
        batches += 1
      }
      source.stop()
      best = min(best, seconds() - start)
    }
    let perRow = Int(best / Double(max(rows, 1)) * 1e9)
    print("\(name): \(Int(Double(bytes) / 1e6 / best)) MB/s, \(Int(Double(rows) / best / 1000)) thousand rows/s, \(perRow) ns a row, \(batches) batches")
  }

  /// Processor seconds of this process.
  static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  static func read(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    fseek(file, 0, SEEK_END)
    let size = ftell(file)
    rewind(file)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in count = fread(buffer.baseAddress, 1, size, file) }
  }
}
