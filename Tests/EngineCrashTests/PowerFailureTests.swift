import CrashVFS
import CrashWorkload
import Engine
import Foundation
import Platform
import SQLTypes
import SQLiteStorage
import Synchronization
import TestSupport
import Testing

/// Runs each writer for `count` steps, or until the power fails.
///
/// - Returns: the steps that were acknowledged, and what an engine with power said.
private func write(
  _ steps: [Int], count: Int, seed: UInt64, _ engine: Engine, _ disk: CrashDisk
) throws -> (acknowledged: [Int], errors: [String]) {
  let results = Mutex((acknowledged: steps, errors: [String]()))
  let threads = try steps.enumerated().map { writer, start in
    try Platform.Thread(named: "writer \(writer)", stackBytes: 1 << 20) {
      let session = engine.session()
      var workload = Workload(writer: writer, seed: seed, steps: start)
      for _ in 0..<count {
        do throws(SQLError) { try workload.step(session) } catch {
          if !disk.isOff { results.withLock { $0.errors.append("\(error)") } }
          return
        }
        results.withLock { $0.acknowledged[writer] = workload.steps }
      }
    }
  }
  for thread in threads { thread.join() }
  return results.withLock { $0 }
}

/// The power fails at a random operation of each of three runs over one disk.
///
/// - Returns: what is wrong, nil if nothing is; and how many steps were acknowledged.
private func faultOfPowerFailures(seed: UInt64) throws -> (fault: String?, acknowledged: Int) {
  let directory = FileManager.default.temporaryDirectory.appending(path: "leat-power-\(UUID().uuidString)")
  defer { try? FileManager.default.removeItem(at: directory) }
  var random = SeededRandom(seed: seed)
  let isLarge = seed % 2 == 0
  let disk = CrashDisk(name: "engine-\(seed)", sectorBytes: isLarge ? 4096 : 512, isPowersafe: !isLarge)
  let (path, vfs) = (directory.path, disk.name)
  let open: @Sendable () throws(SQLError) -> LogThread = { () throws(SQLError) in
    try LogThread.open(directory: path, vfs: vfs)
  }
  var steps = [0, 0]
  for failure in 0..<3 {
    disk.powerOff(afterOperations: 1 + Int(random.next() % 500))
    do {
      // Views over few rows are filled in many slices, between the other writers' ticks.
      var pace = BackfillPace()
      pace.sliceRows = 4
      let engine = try Engine(pace: pace, openLog: open)
      defer { engine.stop() }
      try engine.session().run(Workload.preparation) { _ in }
      let written = try write(steps, count: 150, seed: seed, engine, disk)
      if let error = written.errors.first { return ("failure \(failure): \(error)", 0) }
      steps = written.acknowledged
    } catch let error as SQLError {
      if !disk.isOff { return ("failure \(failure): \(error)", 0) }
    }
    disk.reboot(seed: random.next())
    let engine = try Engine(openLog: open)
    defer { engine.stop() }
    let session = engine.session()
    try session.run(Workload.preparation) { _ in }
    let recovered = try Workload.recovered(steps, seed: seed, session)
    if let fault = recovered.fault { return ("failure \(failure): \(fault)", 0) }
    steps = recovered.steps
  }
  return (nil, steps.reduce(0, +))
}

@Suite struct PowerFailureTests {
  @Test func whatWasAcknowledgedOutlivesAPowerFailure() throws {
    var acknowledged = 0
    for seed in UInt64(0)..<7 {
      let outcome = try faultOfPowerFailures(seed: seed)
      if let fault = outcome.fault { Issue.record("seed \(seed): \(fault)") }
      acknowledged += outcome.acknowledged
    }
    #expect(acknowledged > 100)
  }
}

@Suite struct LongPowerFailureTests {
  @Test(.enabled(if: LongRun.current != nil)) func whatWasAcknowledgedOutlivesAPowerFailure() throws {
    for seed in try #require(LongRun.current).seeds {
      if let fault = try faultOfPowerFailures(seed: seed).fault { Issue.record("seed \(seed): \(fault)") }
    }
  }
}
