import CrashWorkload
import Engine
import Foundation
import SQLTypes
import SQLiteStorage
import TestSupport
import Testing

/// Kills a writing process `kills` times, and looks after each what its directory holds, and its views of growing files.
///
/// - Returns: how many steps were acknowledged.
private func kill(_ kills: Int, seed: UInt64) throws -> Int {
  let directory = FileManager.default.temporaryDirectory.appending(path: "leat-kill-\(UUID().uuidString)")
  let files = FileWorkload(seed: seed, directory: directory.path + "-files")
  defer { for path in [directory.path, directory.path + "-files"] { try? FileManager.default.removeItem(atPath: path) } }
  var shown = 0
  var random = SeededRandom(seed: seed)
  var steps = [0, 0, 0]
  var acknowledgements = 0
  for round in 0..<kills {
    let process = Process()
    process.executableURL = Bundle(for: Anchor.self).bundleURL.appending(path: "StatementWriter")
    // One or two workers write, the second with every tick on its threads; one to three read the log.
    process.arguments = [directory.path, "\(seed)", "\(1 + round % 2)"] + steps.map(String.init)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    // Not before it writes, but for a few kills while it opens the directory: not the first time, when it makes its tables.
    var text = Data()
    if random.next() % 5 > 0 || round == 0 { text = output.fileHandleForReading.availableData }
    usleep(UInt32(random.next() % 120_000))
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    text += output.fileHandleForReading.readDataToEndOfFile()
    // The last line may be cut: only whole ones acknowledge.
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      let words = line.split(separator: " ").map { Int($0) }
      if line.hasPrefix("lines "), words.count == 2, let count = words[1] {
        shown = max(shown, count)
        continue
      }
      guard words.count == 2, let writer = words[0], let count = words[1], writer < steps.count, count == steps[writer] + 1 else {
        Issue.record("seed \(seed), kill \(round): the writer said: \(line)")
        return acknowledgements
      }
      steps[writer] = count
      acknowledgements += 1
    }
    let path = directory.path
    let engine = try Engine(workers: 1 + round % 3, openLog: { () throws(SQLError) in try LogThread.open(directory: path) })
    defer { engine.stop() }
    if let fault = try files.fault(shown: shown, engine.session()) {
      Issue.record("seed \(seed), kill \(round): \(fault)")
      return acknowledgements
    }
    let recovered = try Workload.recovered(steps, seed: seed, engine.session())
    if let fault = recovered.fault {
      Issue.record("seed \(seed), kill \(round): \(fault)")
      return acknowledgements
    }
    steps = recovered.steps
  }
  return acknowledgements
}

/// Stands for the test bundle, in whose folder the writer lies.
private final class Anchor {}

@Suite struct KillTests {
  @Test func whatWasAcknowledgedIsThereAfterKill9() throws {
    #expect(try kill(10, seed: UInt64.random(in: 0...1_000_000)) > 0)
  }
}

@Suite struct LongKillTests {
  /// A directory for each 20 kills, so that logs stay short enough for many.
  @Test(.enabled(if: LongRun.current != nil)) func whatWasAcknowledgedIsThereAfterKill9() throws {
    let run = try #require(LongRun.current)
    var acknowledgements = 0
    for round in 0..<(run.count + 19) / 20 {
      acknowledgements += try kill(min(20, run.count - 20 * round), seed: run.seed + UInt64(round))
    }
    #expect(acknowledgements > run.count)
  }
}
