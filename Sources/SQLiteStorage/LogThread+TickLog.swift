package import Columnar
package import Dataflow
package import SQLTypes

extension LogThread: TickLog {
  /// A replay reads pages of about this size, so that the log's thread is never long away.
  private static let pageBytes = 4 << 20

  package func append(_ entry: TickEntry) throws(SQLError) {
    try submit(entry)
    do throws(SQLError) { try waitDurable(entry.number) } catch {
      withdraw(entry.number)
      throw error
    }
  }

  package func replay(from number: UInt64, _ body: (TickEntry) throws(SQLError) -> Void) throws(SQLError) {
    var next = number
    while true {
      let start = next
      let page = try perform { (database) throws(SQLError) in database.page(from: start, bytes: Self.pageBytes) }
      for entry in page.entries { try body(entry) }
      if let failure = page.failure { throw failure }
      guard let last = page.entries.last else { return }
      next = last.number + 1
    }
  }

  package func mergeChunks(of stream: UInt64, types: [PhysicalType]) { add(.merge(stream: stream, types: types)) }

  package func deleteChunks(of stream: UInt64) { add(.delete(stream: stream)) }
}
