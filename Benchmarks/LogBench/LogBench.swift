// Batches as bytes, and the tick log on the disk of the working directory.
//
//     BENCH=1 swift run -c release LogBench [DIRECTORY]
//
// Encoding and decoding: the median of 21 rounds over 4,096 rows, in ns of CPU time a row and column. The log: entries a second
// of wall time, each with a batch of one row, one by one with a sync each, and through the log thread, which groups them.
import Columnar
import Dataflow
import Platform
import SQLTypes
import SQLiteStorage

@main
enum LogBench {
  static func main() throws {
    codec("bigint, ids that go up", integers { Int64(1_000_000 + $0) })
    codec("bigint, any 64 bits", integers { Int64(truncatingIfNeeded: UInt64($0) &* 0x9e37_79b9_7f4a_7c15) })
    codec("double precision", doubles())
    codec("numeric", numerics())
    codec("text of 8 bytes", texts(length: 8))
    codec("text of 40 bytes", texts(length: 40))
    let directory = CommandLine.arguments.dropFirst().first ?? "."
    let folder = try makeTemporaryDirectory(prefix: "\(directory)/leat-log-bench-")
    try log(in: folder)
    for name in ["leat.db", "leat.db-wal", "leat.db-shm", "leat.db-tick", "lock"] { try? removeFile("\(folder)/\(name)") }
    try removeDirectory(folder)
  }

  private static let rows = 4096

  private static func integers(_ value: (Int) -> Int64) -> Column {
    var builder = ColumnBuilder<Int64>(.int64, capacity: rows)
    for row in 0..<rows { builder.append(value(row)) }
    return builder.finish()
  }

  private static func doubles() -> Column {
    var builder = ColumnBuilder<Double>(.float64, capacity: rows)
    for row in 0..<rows { builder.append(Double(row) / 7) }
    return builder.finish()
  }

  private static func numerics() -> Column {
    var builder = ColumnBuilder<NumericCell>(.numeric, capacity: rows)
    for row in 0..<rows { builder.append(NumericCell(Numeric(unscaled: Int128(row * 12_345), scale: 2))) }
    return builder.finish()
  }

  private static func texts(length: Int) -> Column {
    var builder = TextBuilder(capacity: rows)
    for row in 0..<rows { builder.append([UInt8](repeating: UInt8(97 + row % 26), count: length).span) }
    return builder.finish()
  }

  private static func codec(_ name: String, _ column: Column) {
    let batch = Batch(count: rows, columns: [column])
    let types = [column.physicalType]
    let bytes = BatchCodec.encode(batch)
    var checksum = 0
    func median(_ body: () -> Int) -> Double {
      let times = (0..<21).map { _ in
        let start = threadCPUNanoseconds
        for _ in 0..<100 { checksum &+= body() }
        return Double(threadCPUNanoseconds - start) / Double(100 * rows)
      }
      return (times.sorted()[10] * 100).rounded() / 100
    }
    let encoding = median { BatchCodec.encode(batch).count }
    let decoding = median { (try? BatchCodec.decode(bytes, types: types))?.count ?? 0 }
    precondition(checksum == 21 * 100 * (bytes.count + rows), "every round gives the same")
    print("\(name): \(Double(bytes.count * 10 / rows) / 10) bytes, encode \(encoding) ns, decode \(decoding) ns")
  }

  private static func log(in folder: String) throws {
    let change = BatchCodec.encode(
      Batch(
        count: 1,
        columns: [
          .constant(Int64(17), .int64, count: 1), .constant(text: "a name of some length", count: 1),
          .constant(0.25, .float64, count: 1),
        ]))
    func entry(_ tick: UInt64) -> TickEntry {
      var entry = TickEntry(number: tick, clockMicroseconds: Int64(tick))
      entry.tableChanges = [.init(relation: 1, batch: change)]
      return entry
    }
    let database = try LeatDatabase.open(directory: folder)
    let single = measure(entries: 500) { count throws(SQLError) in
      for tick in UInt64(1)...count { try database.append([entry(tick)]) }
    }
    print("entries synced one by one: \(single)/s")
    let log = try LogThread(database)
    let grouped = measure(entries: 100_000) { count throws(SQLError) in
      for tick in 501...500 + count { try log.submit(entry(tick)) }
      try log.waitDurable(500 + count)
    }
    print("entries through the log thread: \(grouped)/s")
    log.stop()
  }

  private static func measure(entries: UInt64, _ body: (UInt64) throws(SQLError) -> Void) -> Int {
    let clock = SystemClock()
    let start = clock.monotonicNanoseconds
    do throws(SQLError) { try body(entries) } catch { preconditionFailure("the log failed: \(error)") }
    return Int(Double(entries) / Double(clock.monotonicNanoseconds - start) * 1e9)
  }
}
