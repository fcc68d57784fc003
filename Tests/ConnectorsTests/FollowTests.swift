import Foundation
import Platform
import SQLTypes
import Testing

@testable import Connectors

private let columns: [SpecColumn] = [.init(name: "k", type: .bigint)]

/// A followed source whose events are taken when the test wants them.
private final class Following {
  let source: FileSource
  let queue = BoundedQueue<SourceEvent>(capacity: 4)
  var reading = Reading()

  init(_ path: String, from partitions: [PartitionPosition] = []) throws {
    source = try fileSource(fileSpec(path, columns, ["follow": "true"]))
    try source.start(from: partitions, into: queue)
  }

  /// Takes events until there are as many rows and told ends as wanted.
  func take(rows: Int, ends: Int) throws {
    while reading.rows.count < rows || reading.caughtUp.count < ends {
      guard let event = try queue.pop(timeoutMilliseconds: 10_000) else { break }
      reading.take(event, columns)
    }
  }

  var keys: [String?] { reading.rows.map { $0.values[0] } }
}

@Suite struct FollowTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  @Test func whatIsAppendedIsReadAndHalfALineWaits() throws {
    try directory.write("a.jsonl", "{\"k\":1}\n{\"k\":")
    let following = try Following("\(directory.path)/a.jsonl")
    defer { following.source.stop() }
    try following.take(rows: 1, ends: 1)
    #expect(following.keys == ["1"] && following.reading.discovered.count == 1)
    try directory.append("a.jsonl", "2}")
    try following.take(rows: 1, ends: 2)
    #expect(following.keys == ["1"])
    try directory.append("a.jsonl", "\n{\"k\":3}\n")
    try following.take(rows: 3, ends: 3)
    #expect(following.keys == ["1", "2", "3"] && following.reading.rows.map(\.offset) == [0, 8, 16])
    for number in 4..<300 { try directory.append("a.jsonl", "{\"k\":\(number)}\n") }
    try following.take(rows: 299, ends: 4)
    #expect(following.keys == (1..<300).map { "\($0)" })
    following.source.stop()
    let position = try #require(following.reading.positions[0])
    let again = try Following(
      "\(directory.path)/a.jsonl", from: [.init(partition: 0, name: "\(directory.path)/a.jsonl", position: position)])
    defer { again.source.stop() }
    try directory.append("a.jsonl", "{\"k\":300}\n")
    try again.take(rows: 1, ends: 1)
    #expect(again.keys == ["300"])
  }

  @Test func newFilesAreFoundAndGetTheNextNumbers() throws {
    let following = try Following("\(directory.path)/*.jsonl")
    defer { following.source.stop() }
    try directory.write("m.jsonl", "{\"k\":1}\n")
    try following.take(rows: 1, ends: 1)
    try directory.write("a.jsonl", "{\"k\":2}\n")
    try following.take(rows: 2, ends: 2)
    try directory.append("m.jsonl", "{\"k\":3}\n")
    try following.take(rows: 3, ends: 3)
    #expect(following.keys == ["1", "2", "3"] && following.reading.rows.map(\.partition) == [0, 1, 0])
    #expect(following.reading.discovered.map { $0.name.suffix(7) } == ["m.jsonl", "a.jsonl"])
  }

  @Test func aFileThatIsCutOrReplacedStopsTheSource() throws {
    for isReplaced in [false, true] {
      try directory.write("a.jsonl", "{\"k\":1}\n{\"k\":2}\n")
      let following = try Following("\(directory.path)/a.jsonl")
      defer { following.source.stop() }
      try following.take(rows: 2, ends: 1)
      if isReplaced {
        try directory.write("b.jsonl", "{\"k\":1}\n{\"k\":2}\n{\"k\":3}\n")
        #expect(rename("\(directory.path)/b.jsonl", "\(directory.path)/a.jsonl") == 0)
      } else {
        #expect(truncate("\(directory.path)/a.jsonl", 8) == 0)
      }
      while let event = try following.queue.pop(timeoutMilliseconds: 10_000) { following.reading.take(event, columns) }
      #expect(following.reading.failure?.error.state.code == "XX001" && following.keys == ["1", "2"])
    }
  }

  @Test func stopEndsASourceWhereverItWaits() throws {
    let rows = (0..<100_000).map { "{\"k\":\($0)}" }.joined(separator: "\n")
    try directory.write("a.jsonl", rows)
    // At a full queue.
    let blocked = try Following("\(directory.path)/a.jsonl")
    while blocked.queue.count < 4 { sleep(milliseconds: 1) }
    // At the end of a file, and where there is no file.
    try directory.write("b.jsonl", "{\"k\":1}\n")
    let waiting = try Following("\(directory.path)/b.jsonl")
    try waiting.take(rows: 1, ends: 1)
    let without = try Following("\(directory.path)/none.jsonl")
    sleep(milliseconds: 50)
    let start = ContinuousClock.now
    for following in [blocked, waiting, without] {
      following.source.stop()
      #expect(following.queue.isClosed)
    }
    #expect(start.duration(to: .now) < .milliseconds(500))
    #expect(blocked.queue.count == 4)
  }

  @Test func aClosedQueueEndsTheSource() throws {
    try directory.write("a.jsonl", (0..<100_000).map { "{\"k\":\($0)}" }.joined(separator: "\n"))
    let following = try Following("\(directory.path)/a.jsonl")
    following.queue.close()
    following.source.stop()
  }
}
