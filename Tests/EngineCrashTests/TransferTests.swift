import Engine
import Foundation
import Platform
import SQLTypes
import SQLiteStorage
import Synchronization
import TestSupport
import Testing

private let accountCount = 50
private let total = 2 * accountCount * 1000

private let preparation = """
  CREATE TABLE lefts (id int PRIMARY KEY, balance int NOT NULL);
  CREATE TABLE rights (id int PRIMARY KEY, balance int NOT NULL);
  CREATE MATERIALIZED VIEW left_total AS SELECT sum(balance) AS total FROM lefts;
  CREATE MATERIALIZED VIEW right_total AS SELECT sum(balance) AS total FROM rights;
  CREATE MATERIALIZED VIEW both_totals AS SELECT l.total + r.total AS total FROM left_total l CROSS JOIN right_total r;
  """

/// What every reader asks in turn; the values of all rows of a script add up to the constant total.
private let questions = [
  ["SELECT sum(balance) FROM (SELECT balance FROM lefts UNION ALL SELECT balance FROM rights) AS u"],
  ["SELECT total FROM both_totals"],
  ["SELECT l.total, r.total FROM left_total l CROSS JOIN right_total r"],
  ["BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT total FROM left_total", "SELECT balance FROM rights", "COMMIT"],
  ["SELECT balance FROM rights UNION ALL SELECT total FROM left_total"],
]

private struct Outcome {
  var transfers = 0
  var conflicts = 0
  var reads = 0
  var faults: [String] = []
  /// Of each transfer's COMMIT, without and with a held snapshot and full scans.
  var commitNanoseconds: [[Int64]] = [[], []]
  /// The same two of ticks.
  var ticks: [TickDurations] = []

  func percentile99(_ phase: Int) -> Int64 {
    let sorted = commitNanoseconds[phase].sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count * 99 / 100]
  }
}

/// Two writers and four readers for so long; in the second half a transaction holds its snapshot, and a scan of everything loops.
private final class Transfers: Sendable {
  private let engine: Engine
  private let seed: UInt64
  private let clock = SystemClock()
  private let half: Int64
  private let end: Int64
  private let isEnding = Atomic(false)
  private let phase = Atomic(0)
  private let results = Mutex(Outcome())

  static func run(seconds: Double, seed: UInt64) throws -> Outcome {
    let directory = FileManager.default.temporaryDirectory.appending(path: "leat-transfers-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let engine = try Engine(openLog: { () throws(SQLError) in try LogThread.open(directory: directory) })
    defer { engine.stop() }
    let session = engine.session()
    try session.run(preparation) { _ in }
    for table in ["lefts", "rights"] {
      let rows = (0..<accountCount).map { "(\($0), 1000)" }.joined(separator: ", ")
      try session.run("INSERT INTO \(table) VALUES \(rows)") { _ in }
    }
    let run = Transfers(engine, seconds: seconds, seed: seed)
    _ = try engine.takeTickDurations()
    var bodies: [@Sendable () -> Void] = [{ run.hold() }]
    for writer in UInt64(0)..<2 { bodies.append { run.write(writer) } }
    for reader in 0..<4 { bodies.append { run.read(reader) } }
    let threads = try bodies.map { try Platform.Thread(named: "transfers", stackBytes: 1 << 20, $0) }
    for thread in threads { thread.join() }
    let last = try engine.takeTickDurations()
    return run.results.withLock {
      $0.ticks.append(last)
      return $0
    }
  }

  /// The first half's, when it has ended.
  private func takeTicks() throws(SQLError) {
    let ticks = try engine.takeTickDurations()
    results.withLock { $0.ticks.append(ticks) }
  }

  private init(_ engine: Engine, seconds: Double, seed: UInt64) {
    self.engine = engine
    self.seed = seed
    let start = clock.monotonicNanoseconds
    half = start + Int64(seconds * 0.5e9)
    end = start + Int64(seconds * 1e9)
  }

  private func fault(_ text: String) {
    results.withLock { $0.faults.append(text) }
    isEnding.store(true, ordering: .relaxed)
  }

  private func write(_ number: UInt64) {
    let session = engine.session()
    var random = SeededRandom(seed: seed &* 2 &+ number)
    while clock.monotonicNanoseconds < end && !isEnding.load(ordering: .relaxed) {
      let (from, to, amount) = (random.next() % UInt64(accountCount), random.next() % UInt64(accountCount), random.next() % 100)
      let tables = random.next() % 2 == 0 ? ["lefts", "rights"] : ["rights", "lefts"]
      do throws(SQLError) {
        try session.run("BEGIN; UPDATE \(tables[0]) SET balance = balance - \(amount) WHERE id = \(from)") { _ in }
        try session.run("UPDATE \(tables[1]) SET balance = balance + \(amount) WHERE id = \(to)") { _ in }
        let before = clock.monotonicNanoseconds
        try session.run("COMMIT") { _ in }
        let took = clock.monotonicNanoseconds - before
        let now = phase.load(ordering: .relaxed)
        results.withLock {
          $0.transfers += 1
          $0.commitNanoseconds[now].append(took)
        }
      } catch {
        guard error.state == .serializationFailure else { return fault("a transfer: \(error)") }
        results.withLock { $0.conflicts += 1 }
      }
    }
    isEnding.store(true, ordering: .relaxed)
  }

  private func read(_ number: Int) {
    let session = engine.session()
    var round = number
    while !isEnding.load(ordering: .relaxed) {
      let script = questions[round % questions.count]
      round += 1
      do throws(SQLError) {
        let sum = try sum(script, session)
        if sum != total { fault("\(script) gives \(sum)") }
        results.withLock { $0.reads += 1 }
      } catch { return fault("\(script): \(error)") }
    }
  }

  /// Holds one snapshot from the middle on, and scans at that snapshot and at the newest tick in turn.
  private func hold() {
    while clock.monotonicNanoseconds < half { usleep(1000) }
    do throws(SQLError) { try takeTicks() } catch { return fault("the holder: \(error)") }
    phase.store(1, ordering: .relaxed)
    let (held, scanning) = (engine.session(), engine.session())
    let scan = "SELECT balance FROM lefts UNION ALL SELECT balance FROM rights"
    do throws(SQLError) {
      try held.run("BEGIN ISOLATION LEVEL REPEATABLE READ") { _ in }
      let first = try sortedRows("SELECT id, balance FROM lefts", held)
      while !isEnding.load(ordering: .relaxed) {
        for session in [held, scanning] {
          let sum = try sum([scan], session)
          if sum != total { fault("a scan gives \(sum)") }
        }
      }
      if try sortedRows("SELECT id, balance FROM lefts", held) != first { fault("a held snapshot has changed") }
    } catch { fault("the holder: \(error)") }
  }
}

private func sum(_ script: [String], _ session: Session) throws(SQLError) -> Int {
  var sum = 0
  for statement in script {
    try session.run(statement) { for value in $0.textRows.joined() { sum += value.flatMap { Int($0) } ?? 0 } }
  }
  return sum
}

private func sortedRows(_ query: String, _ session: Session) throws(SQLError) -> [String] {
  var rows: [String] = []
  try session.run(query) { rows += $0.textRows.map { "\($0)" } }
  return rows.sorted()
}

@Suite struct TransferTests {
  @Test func everyReadSeesTheConstantSum() throws {
    let outcome = try Transfers.run(seconds: 3, seed: 1)
    #expect(outcome.faults.prefix(5) == [])
    #expect(outcome.transfers > 10 && outcome.reads > 10)
    #expect(outcome.commitNanoseconds.allSatisfy { !$0.isEmpty })
    #expect(outcome.ticks.count == 2 && outcome.ticks.allSatisfy { $0.whole.count > 1 && $0.whole.quantile(0.5) > 0 })
  }
}

@Suite struct LongTransferTests {
  @Test(.enabled(if: LongRun.current != nil)) func everyReadSeesTheConstantSum() throws {
    let run = try #require(LongRun.current)
    let outcome = try Transfers.run(seconds: Double(run.count), seed: run.seed)
    #expect(outcome.faults.prefix(5) == [])
    print("figures: \(outcome.transfers) transfers, \(outcome.conflicts) conflicts, \(outcome.reads) reads")
    for (phase, name) in ["alone", "with a held snapshot and full scans"].enumerated() {
      let ticks = outcome.ticks[phase]
      print(
        "figures: \(name): p99 of COMMIT \(outcome.percentile99(phase) / 1000) µs; \(ticks.whole.count) ticks \(ticks.whole.summary);",
        "their publish phases \(ticks.publish.summary)")
    }
    let (alone, held) = (outcome.ticks[0].whole.quantile(0.99), outcome.ticks[1].whole.quantile(0.99))
    let hundredths = held * 100 / max(1, alone)
    print("figures: p99 of ticks \(hundredths) % of that alone, \(hundredths <= 200 ? "at most doubled" : "MORE THAN DOUBLED")")
  }
}

extension TickDurations.Histogram {
  fileprivate var summary: String {
    "p50 \(quantile(0.5) / 1000), p99 \(quantile(0.99) / 1000), max \(maximum / 1000) µs"
  }
}
