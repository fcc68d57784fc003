import CTraps
import Platform
import SQLTypes
import Synchronization

/// Runs executions of one of this program's fuzzers: `FuzzSQL FUZZER COUNT SEED [FIRST [STACK-KIB]]`, in the repository.
///
/// An execution is a function of the seed and its number, so that the number which a trap tells can be run again alone:
/// `FuzzSQL statements 1 SEED NUMBER`. With COUNT 1 traps are left to Swift's backtracer.
@main
struct Main {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    guard arguments.count >= 3, let count = UInt64(arguments[2]), let seed = UInt64(arguments[3]) else {
      return print("usage: FuzzSQL statements|conversations|agreeing|values COUNT SEED [FIRST [STACK-KIB]]")
    }
    let first = arguments.count > 3 ? UInt64(arguments[4]) ?? 0 : 0
    // As much as a connection's thread has (ClientConnection.start).
    let stackKiB = arguments.count > 4 ? Int(arguments[5]) ?? 1024 : 1024
    let fuzzer = arguments[1]
    do {
      let thread = try Platform.Thread(named: "fuzzer", stackBytes: stackKiB << 10) {
        if count > 1 { ct_begin(10) }
        do { try run(fuzzer, first..<first + count, seed) } catch { preconditionFailure("the fuzzer does not start: \(error)") }
        ct_note(0, nil, 0)
      }
      thread.join()
    } catch { preconditionFailure("no thread: \(error)") }
  }

  static func run(_ fuzzer: String, _ executions: Range<UInt64>, _ seed: UInt64) throws {
    var watch = Watch(executions)
    switch fuzzer {
    case "statements":
      var fuzzer = StatementFuzzer(try SpecCorpus(root: "."), seed: seed)
      for execution in executions { watch.time(execution) { fuzzer.run(execution) } }
      watch.finish("\(fuzzer.counts)")
    case "conversations", "agreeing":
      var conversations = ConversationFuzzer(try SpecCorpus(root: "."), seed: seed)
      for execution in executions {
        try watch.time(execution) { try fuzzer == "agreeing" ? conversations.runAgreeing(execution) : conversations.run(execution) }
      }
      watch.finish("\(conversations.counts)")
    case "values":
      for execution in executions { watch.time(execution) { ValueFuzzer.run(execution, seed: seed) } }
      watch.finish("")
    default: preconditionFailure("no fuzzer \"\(fuzzer)\"")
    }
  }
}

/// Tells how the run goes: a line each 100,000 executions, the slowest of them, and the memory.
struct Watch {
  /// An execution may not add more to the process's memory.
  private static let memoryStepKiB = 512 << 10

  private let executions: Range<UInt64>
  private let clock = ContinuousClock()
  private let start = ContinuousClock.now
  private var slowest: (execution: UInt64, time: Duration) = (0, .zero)
  private var peakKiB = ct_peak_kib()

  init(_ executions: Range<UInt64>) { self.executions = executions }

  mutating func time(_ execution: UInt64, _ body: () throws -> Void) rethrows {
    let time = try clock.measure(body)
    if time > slowest.time { slowest = (execution, time) }
    let done = execution - executions.lowerBound + 1
    let peak = ct_peak_kib()
    if peak > peakKiB + Self.memoryStepKiB && done > 1 { print("MEMORY: execution \(execution) adds \((peak - peakKiB) >> 10) MiB") }
    peakKiB = peak
    if done % 100_000 == 0 { print("\(done) executions after \(seconds) s") }
  }

  private var seconds: Int { Int((ContinuousClock.now - start).components.seconds) }

  func finish(_ counts: String) {
    print("\(executions.count) executions in \(seconds) s, none trapped; \(counts)")
    print("the slowest, \(slowest.execution), took \(slowest.time); the most memory, \(peakKiB >> 10) MiB")
  }
}
