// Scans the bids of Nexmark in pieces of one mebibyte and prints megabytes a second of processor time.
//   BENCH=1 swift run -c release JSONScanBench [EVENTS]
import Connectors
import Glibc
import JSONScan

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
