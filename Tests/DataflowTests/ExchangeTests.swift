import Columnar
import Foundation
import RowTestSupport
import SQLTypes
import StateMemory
import Synchronization
import TestSupport
import Testing
import ZSets

@testable import Dataflow

/// The kernel's name of the calling thread, under /proc.
private func thisThread() -> String {
  (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")) ?? ""
}

/// Keeps what it gets, and on which threads.
private final class Recorder: Operator {
  let figures = OperatorFigures()
  var received = TickOutput()
  var threads: Set<String> = []
  var endedTicks = 0

  func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand {
    threads.insert(thisThread())
    received.push(batch)
    return .more
  }

  func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput) { received.push(errors) }
  func endTick(into output: inout TickOutput) { endedTicks += 1 }
}

/// An exchange between an input and a recorder, on some workers.
private final class Exchanged {
  let graph: ShardedGraph
  let root: NodeID
  let exchange: NodeID
  let recorders: [Recorder]

  init(_ rule: ExchangeRule, workers: Int, _ sizes: ShardedGraph.Sizes) throws {
    graph = try ShardedGraph(workers: workers, sizes: sizes)
    root = graph.add("Scan", Failing(), inputs: [])
    let channels = ExchangeChannels(workerCount: workers)
    exchange = graph.add("Exchange", inputs: [root]) { Exchange(rule, worker: $0, channels: channels) }
    let recorders = (0..<workers).map { _ in Recorder() }
    self.recorders = recorders
    _ = graph.add("Recorder", inputs: [exchange]) { recorders[$0] }
  }
}

/// Passes rows on and, at the end of the tick, error rows that were put into it.
private final class Failing: Operator {
  let figures = OperatorFigures()
  var errors: [ErrorBatch] = []

  func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand {
    output.push(batch)
    return .more
  }

  func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput) {}

  func endTick(into output: inout TickOutput) {
    for batch in errors { output.push(batch) }
    errors = []
  }
}

private let small = ShardedGraph.Sizes(smallTickRows: .max, dealtRows: 4096)
private let threaded = ShardedGraph.Sizes(smallTickRows: 0, dealtRows: 1)

@Suite(.timeLimit(.minutes(2))) struct ExchangeTests {
  /// Rows of all types, inline and on threads, in one go and in parts: each is with the owner of its key's hash, with its weight, and no other.
  @Test(arguments: 0..<24) func rowsLandWhereTheirKeysHashSays(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let types = seed < 2 ? allTypes : randomTypes(&random)
    let keys = types.indices.filter { $0 == 0 || random.next() % 2 == 0 }
    let workers = 1 + seed % 4 + 1
    var sizes = seed % 2 == 0 ? threaded : small
    if seed % 3 == 0 { sizes.queuedRows = 25 }  // rows are run before the tick ends
    let run = try Exchanged(ExchangeRule(keys: keys, types: types), workers: workers, sizes)
    var sent: [Row: Int64] = [:]
    for _ in 0..<20 {
      let input = (0..<Int(random.next() % 60)).map { _ in
        (row: randomRow(types, &random), weight: Int64(random.next() % 5) - 2)
      }
      for (row, weight) in input { sent[row, default: 0] += weight }
      let half = input.count / 2
      run.graph.push(batch(Array(input[..<half]), types), to: run.root)
      run.graph.push(batch(Array(input[half...]), types), to: run.root)
      run.graph.endTick()
    }
    var received: [Row: Int64] = [:]
    for (worker, recorder) in run.recorders.enumerated() {
      for batch in recorder.received.batches {
        let hashes = keyHashes(of: keys.map { batch.columns[$0] }, types: keys.map { types[$0] }, count: batch.count)
        #expect(hashes.allSatisfy { keyOwner(ofHash: $0, among: workers) == worker })
        for (row, weight) in rows(batch, types) { received[row, default: 0] += weight }
      }
    }
    #expect(received == sent)
    let figures = run.graph.figures(of: run.exchange)
    #expect(figures.rowsIn == figures.rowsOut && figures.rowsIn > 0)
  }

  /// Equal keys of different bytes have one owner.
  @Test func equalKeysMeetInAnyForm() throws {
    let types: [SQLType] = [.numeric(nil), .double, .interval]
    let run = try Exchanged(ExchangeRule(keys: [0, 1, 2], types: types), workers: 4, threaded)
    let forms: [Row] = [
      [.numeric(1, 0), .bits((0.0).bitPattern), .interval(1, 0, 0)],
      [.numeric(100, 2), .bits((-0.0).bitPattern), .interval(0, 30, 0)],
      [.numeric(10, 1), .bits((0.0).bitPattern), .interval(0, 0, 2_592_000_000_000)],
    ]
    run.graph.push(batch(forms.map { ($0, 1) }, types), to: run.root)
    run.graph.endTick()
    #expect(run.recorders.map { $0.received.batches.reduce(0) { $0 + $1.count } }.sorted() == [0, 0, 0, 3])
  }

  /// Error rows keep their poison, weight and text, but not where they come from; those of a known key are with its owner, others with the first worker or, if the
  /// rule says so, with all.
  @Test(arguments: 0..<16) func errorRowsAreKept(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let types = randomTypes(&random)
    let keys = [0], workers = 3, copies = seed % 2 == 0
    let rule = ExchangeRule(keys: keys, types: types, copiesUnknownKeys: copies)
    let graph = try ShardedGraph(workers: workers, sizes: seed % 4 < 2 ? threaded : small)
    let sources = (0..<workers).map { _ in Failing() }
    let root = graph.add("Scan", inputs: []) { sources[$0] }
    let channels = ExchangeChannels(workerCount: workers)
    let exchange = graph.add("Exchange", inputs: [root]) { Exchange(rule, worker: $0, channels: channels) }
    let recorders = (0..<workers).map { _ in Recorder() }
    _ = graph.add("Recorder", inputs: [exchange]) { recorders[$0] }
    var sent: [ErrorRow: Int64] = [:]
    for source in sources {
      let failed = (0..<40).map { _ in (row: randomErrorRow(types, &random), weight: Int64(random.next() % 5) - 2) }
      for (row, weight) in failed { sent[row.withoutOrigin, default: 0] += weight }
      source.errors = [ErrorBatch.of(failed, types)]
    }
    graph.endTick()
    var received: [ErrorRow: Int64] = [:]
    for (worker, recorder) in recorders.enumerated() {
      for errors in recorder.received.errors {
        let data = errors.data, poison = errors.poison
        let hashes = keyHashes(of: [data.columns[0]], types: [types[0]], count: data.count)
        for (number, (row, weight)) in errors.rows(types).enumerated() {
          let isKnown = !poison.contains(0, number)
          #expect(isKnown ? keyOwner(ofHash: hashes[number], among: workers) == worker : copies || worker == 0)
          if isKnown || worker == 0 { received[row.withoutOrigin, default: 0] += weight }
        }
      }
    }
    #expect(received.filter { $0.value != 0 } == sent.filter { $0.value != 0 })
    if copies {
      let unknown = recorders.map { recorder in
        recorder.received.errors.reduce(0) { $0 + $1.poison.rows(ofAny: [0]).count }
      }
      #expect(Set(unknown).count == 1 && unknown[0] > 0)
    }
  }

  @Test func withoutAKeyTheFirstWorkerHasAllRows() throws {
    for sizes in [small, threaded] {
      let run = try Exchanged(ExchangeRule(keys: [], types: [.bigint]), workers: 4, sizes)
      run.graph.push(batch((0..<50).map { ([.integer($0)], 1) }, [.bigint]), to: run.root)
      run.graph.endTick()
      #expect(run.recorders.map { $0.received.batches.reduce(0) { $0 + $1.count } } == [50, 0, 0, 0])
    }
  }

  /// A small tick is run by the thread that ends it; a large one by every worker on its own thread.
  @Test func smallTicksWakeNobody() throws {
    let types: [SQLType] = [.bigint]
    let rows: [(row: Row, weight: Int64)] = (0..<1000).map { ([.integer($0)], 1) }
    for sizes in [ShardedGraph.Sizes(smallTickRows: 1001), ShardedGraph.Sizes(smallTickRows: 1000, dealtRows: 100)] {
      let run = try Exchanged(ExchangeRule(keys: [0], types: types), workers: 3, sizes)
      run.graph.push(batch(rows, types), to: run.root)
      run.graph.endTick()
      let threads = run.recorders.map(\.threads)
      #expect(threads[0] == [thisThread()])
      if sizes.smallTickRows > 1000 {
        #expect(threads == [[thisThread()], [thisThread()], [thisThread()]])
      } else {
        #expect(Set(threads).count == 3 && threads.allSatisfy { $0.count == 1 })
      }
    }
  }

  /// Marks: a node behind an exchange ends a tick on every worker if the tick can reach it, and on none if it cannot.
  @Test func onlyWhatATickReachesEndsIt() throws {
    let types: [SQLType] = [.bigint]
    let graph = try ShardedGraph(workers: 3, sizes: threaded)
    var recorders: [[Recorder]] = []
    var roots: [NodeID] = []
    for _ in 0..<2 {
      let root = graph.add("Scan", Input(), inputs: [])
      var node = root
      for _ in 0..<3 {
        let channels = ExchangeChannels(workerCount: 3)
        node = graph.add("Exchange", inputs: [node]) {
          Exchange(ExchangeRule(keys: [0], types: types), worker: $0, channels: channels)
        }
      }
      let own = (0..<3).map { _ in Recorder() }
      _ = graph.add("Recorder", inputs: [node]) { own[$0] }
      recorders.append(own)
      roots.append(root)
    }
    graph.endTick()
    #expect(recorders.map { $0.map(\.endedTicks) } == [[1, 1, 1], [1, 1, 1]])  // the tick that they are new in
    #expect(graph.takeTick().ended.count == 10)
    for tick in 0..<200 {
      graph.push(batch((0..<20).map { ([.integer(Int64(tick) * 20 + $0)], 1) }, types), to: roots[0])
      graph.endTick()
    }
    #expect(recorders[0].allSatisfy { $0.endedTicks > 100 })
    #expect(recorders[1].map(\.endedTicks) == [1, 1, 1])
    #expect(recorders[0].reduce(0) { $0 + $1.received.batches.reduce(0) { $0 + $1.count } } == 4000)
    #expect(Set(graph.takeTick().ended) == Set([roots[0]] + (1...4).map { NodeID(roots[0].rawValue + $0) }))
  }

  /// Whatever thread is faster, a worker gets the same rows in the same order.
  @Test func theOrderIsTheSameEveryTime() throws {
    let types: [SQLType] = [.bigint, .text]
    var runs: Set<[[Row]]> = []
    for _ in 0..<10 {
      var random = SeededRandom(seed: 5)
      let run = try Exchanged(ExchangeRule(keys: [0], types: types), workers: 4, threaded)
      for _ in 0..<10 {
        run.graph.push(batch((0..<100).map { _ in (randomRow(types, &random), 1) }, types), to: run.root)
        run.graph.endTick()
      }
      runs.insert(run.recorders.map { $0.received.batches.flatMap { rows($0, types).map(\.row) } })
    }
    #expect(runs.count == 1)
  }

  /// Operators with state behind an exchange: their sum is that of one operator, and retracting everything leaves nothing.
  @Test(arguments: 0..<8) func stateIsDealtAndFreed(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let types = randomTypes(&random), workers = 2 + seed % 3
    let spaces = (0..<workers).map { _ in StateSpace(reservationBytes: 64 << 20) }
    let graph = try ShardedGraph(workers: workers, sizes: seed % 2 == 0 ? threaded : small)
    let root = graph.add("Scan", Input(), inputs: [])
    let channels = ExchangeChannels(workerCount: workers)
    let exchange = graph.add("Exchange", inputs: [root]) {
      Exchange(ExchangeRule(keys: Array(types.indices), types: types), worker: $0, channels: channels)
    }
    let distinct = graph.add("Distinct", inputs: [exchange]) { Distinct(types: types, space: spaces[$0]) }
    let outputs = (0..<workers).map { _ in Output() }
    _ = graph.add("Output", inputs: [distinct]) { outputs[$0] }
    let alone = Distinct(types: types, space: spaces[0])
    var (input, output, expected) = ([Row: Int64](), Integral(), Integral())
    for tick in 0..<30 {
      var changes: [(row: Row, weight: Int64)] = (0..<50).map { _ in (randomRow(types, &random), Int64(random.next() % 5) - 2) }
      if tick == 29 { changes = input.map { ($0.key, -$0.value) } }
      for (row, weight) in changes { input[row, default: 0] += weight }
      graph.push(batch(changes, types), to: root)
      graph.endTick()
      var sent = TickOutput()
      for taken in outputs.map({ $0.take() }) { sent.batches += taken.batches }
      output.add(sent, types)
      expected.add(runTick(alone, changes, [], types, &random), types)
      #expect(output.data.count == expected.data.count && graph.figures(of: distinct).stateRows == alone.figures.stateRows)
    }
    #expect(output.data.isEmpty && graph.figures(of: distinct).stateRows == 0)
  }

  /// A node that is taken away takes what is on its way to it along.
  @Test func rowsOnTheirWayToANodeThatGoesGoToo() throws {
    let run = try Exchanged(ExchangeRule(keys: [0], types: [.bigint]), workers: 2, threaded)
    let lone = run.graph.add("Scan", Input(), inputs: [])
    run.graph.push(batch([([.integer(1)], 1)], [.bigint]), to: lone)
    run.graph.remove([lone])
    run.graph.endTick()
    #expect(!run.graph.takeTick().ended.contains(lone))
  }

  @Test func aWorkersThreadEndsWithItsTeam() throws {
    let team = try WorkerTeam(count: 4)
    let seen = Mutex<[Int: String]>([:])
    for _ in 0..<100 { team.run { worker in seen.withLock { $0[worker] = thisThread() } } }
    let threads = seen.withLock { $0 }
    #expect(Set(threads.keys) == [0, 1, 2, 3] && Set(threads.values).count == 4 && threads[0] == thisThread())
    func isAlive(_ thread: String?) -> Bool { FileManager.default.fileExists(atPath: "/proc/\(thread ?? "0")") }
    #expect(isAlive(threads[1]))
    team.stop()
    #expect(!(1...3).contains { isAlive(threads[$0]) })
  }
}

extension ErrorRow {
  fileprivate var withoutOrigin: ErrorRow {
    var row = self
    row.origin = 0
    return row
  }
}
