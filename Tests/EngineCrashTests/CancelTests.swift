import Engine
import Glibc
import Platform
import SQLTypes
import TestSupport
import Testing

/// A statement that computes for minutes ends soon after it is cancelled.
@Suite struct CancelTests {
  @Test(arguments: [
    // Its rows go on to the aggregate while it makes them.
    "SELECT count(*) FROM t a CROSS JOIN t b",
    // Hardly a row passes.
    "SELECT a.x FROM t a CROSS JOIN t b WHERE a.x + b.x < 0",
    "INSERT INTO t SELECT a.x FROM t a CROSS JOIN t b WHERE a.x + b.x < 0",
  ])
  func aJoinOfManyRowsIsCancelled(_ sql: String) throws {
    let engine = try Engine()
    defer { engine.stop() }
    let token = CancelToken()
    let session = engine.session(cancelToken: token)
    let digits = "(VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))"
    try session.runAll(
      "CREATE TABLE t (x INT)",
      "INSERT INTO t SELECT a.n * 10000 + b.n * 1000 + c.n * 100 + d.n * 10 + e.n FROM \(digits) a (n), \(digits) b (n), \(digits) c (n), \(digits) d (n), \(digits) e (n)")
    #expect(try session.texts("SELECT count(*) FROM t") == [["100000"]])
    let clock = SystemClock()
    let start = clock.monotonicNanoseconds
    let canceller = try Platform.Thread(named: "canceller", stackBytes: 1 << 18) {
      usleep(300_000)
      token.cancel()
    }
    let error = session.error(of: sql)
    canceller.join()
    #expect(error?.state == .queryCanceled)
    // The whole of it takes minutes.
    #expect(clock.monotonicNanoseconds - start < 30_000_000_000)
    #expect(try session.texts("SELECT max(x) FROM t") == [["99999"]])
  }
}
