import AgreeingEngine
import SQLTypes
import TestSupport
import Testing

@testable import PGWire

/// Damages bytes as a fuzzer would: flips, cuts, repeats, and lengths at their edges.
private func mutate(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
  var bytes = bytes
  for _ in 0..<Int.random(in: 0...3, using: &random) {
    guard !bytes.isEmpty else { return bytes }
    let index = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
    case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: bytes.removeSubrange(index...)
    case 3: bytes.insert(contentsOf: bytes[index...].prefix(9), at: index)
    case 4:
      let edges: [UInt8] = [0, 1, 4, 127, 128, 254, 255]
      for offset in index..<min(index + 4, bytes.count) {
        bytes[offset] = edges[Int.random(in: 0..<edges.count, using: &random)]
      }
    default: bytes.remove(at: index)
    }
  }
  return bytes
}

@Test(arguments: [1, 2, 3, 4] as [UInt64])
func mutatedRequestsNeverTrap(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  var messages = 0
  for _ in 0..<50_000 {
    var server = ScriptedServer()
    if Int.random(in: 0..<8, using: &random) == 0 {
      let start = sampleStartups[Int.random(in: 0..<sampleStartups.count, using: &random)].bytes
      server.receive(mutate(start, &random))
    } else {
      server.receive(sampleStartups[3].bytes)
    }
    for _ in 0..<3 {
      let sample = sampleRequests[Int.random(in: 0..<sampleRequests.count, using: &random)].bytes
      server.receive(mutate(sample, &random))
    }
    messages += server.actionCount
  }
  #expect(messages > 50_000)
}

@Test(arguments: [11, 12] as [UInt64])
func mutatedAnswersNeverTrap(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  var errors = 0
  for _ in 0..<50_000 {
    var client = ClientProtocol()
    client.start(StartupParameters(parameters: [WireParameter("user", "u")]))
    client.received(sampleAnswers[9].bytes[...])
    do {
      _ = try client.next()
      client.query("select 1")
      for _ in 0..<3 {
        let sample = sampleAnswers[Int.random(in: 0..<sampleAnswers.count, using: &random)].bytes
        client.received(mutate(sample, &random)[...])
        while let message = try client.next() {
          if case .error(let report) = message { _ = report.error(in: "select prise from t") }
        }
      }
    } catch {
      errors += 1
      #expect(["08P01", "54000", "22021", "22023", "0A000"].contains(error.state.code), "\(error) with seed \(seed)")
    }
  }
  #expect(errors > 1_000)
}

@Test func randomBytesNeverTrap() {
  var random = SeededRandom(seed: 99)
  for _ in 0..<20_000 {
    let bytes = (0..<Int.random(in: 0...64, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    var server = ScriptedServer()
    if Bool.random(using: &random) { server.receive(sampleStartups[3].bytes) }
    server.receive(bytes)
    #expect(server.connection.state == .closed || server.connection.awaitsClient)
  }
}

/// A thread with an engine that agrees to everything, for tests that only care that nothing traps.
struct ScriptedServer {
  var connection = ConnectionProtocol()
  var out = BackendEncoder()
  var actionCount = 0

  mutating func receive(_ bytes: [UInt8]) {
    connection.received(bytes[...])
    while let action = connection.next(into: &out) {
      var pending = action
      while let following = answer(pending) { pending = following }
    }
    out.removeAll()
  }

  /// Performs an action; the action of its answer, if the engine owed one.
  mutating func answer(_ action: ConnectionProtocol.Action) -> ConnectionProtocol.Action? {
    actionCount += 1
    return connection.agree(to: action, into: &out)
  }
}
