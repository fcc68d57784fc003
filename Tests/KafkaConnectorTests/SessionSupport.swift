import Connectors
import Engine
import KafkaConnector
import Platform
import SQLTypes
import TestSupport
import Testing

/// What an engine of the program has.
let kafkaConnectors = Connectors.builtIn.adding(KafkaOptions.kind)

/// Waits until a query answers these lines: values with blanks between them.
func expectLines(
  _ session: Session, _ query: String, _ lines: [String], _ location: SourceLocation = #_sourceLocation
) throws {
  let clock = SystemClock()
  let end = clock.monotonicNanoseconds + 90_000_000_000
  var last: [String] = []
  repeat {
    last = try session.texts(query).map { $0.map { $0 ?? "NULL" }.joined(separator: " ") }
    if last == lines { return }
    sleep(milliseconds: 10)
  } while clock.monotonicNanoseconds < end
  #expect(last == lines, sourceLocation: location)
}

/// Runs `body` with a new folder for an engine's data, which is removed afterwards.
func withFolder(_ body: (String) throws -> Void) throws {
  let folder = try makeTemporaryDirectory(prefix: "/tmp/leat-kafka-source-")
  defer {
    for file in (try? matchingPaths("\(folder)/*")) ?? [] { try? removeFile(file) }
    try? removeDirectory(folder)
  }
  try body(folder)
}
