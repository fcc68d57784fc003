import Foundation
import Platform
import SQLTypes
import TestSupport
import Testing

@testable import Connectors

private let columns: [SpecColumn] = [.init(name: "k", type: .bigint, isNotNull: true), .init(name: "t", type: .text)]

private func lines(_ range: Range<Int>) -> String {
  range.map { #"{"k":\#($0),"t":"the text of row number \#($0)"}"# + ($0 % 7 == 0 ? "\n\n" : $0 % 11 == 0 ? "\r\n{}\n" : "\n") }
    .joined()
}

@Suite struct FilePositionTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }
  var path: String { "\(directory.path)/a.jsonl" }

  private func start(_ position: [UInt8]) -> PartitionPosition { PartitionPosition(partition: 0, name: path, position: position) }

  /// The rows and error offsets of a reading, from some place on.
  private func rest(_ reading: Reading, _ rows: Int = 0, _ errors: Int = 0) -> [String] {
    reading.rows.dropFirst(rows).map(\.description) + reading.errors.dropFirst(errors).map { "\($0.offset)" }
  }

  @Test func aRestartAtEachPositionGivesTheSameRest() throws {
    try directory.write("a.jsonl", lines(0..<1000))
    let spec = try fileSpec(path, columns)
    let whole = try read(fileSource(spec, .init(blockBytes: 1000)))
    #expect(whole.marks.count > 40 && whole.rows.count == 1000 && !whole.errors.isEmpty)
    for mark in whole.marks {
      let again = try read(fileSource(spec, .init(blockBytes: 333)), from: [start(mark.position)])
      #expect(again.hasEnded && again.discovered.isEmpty)
      #expect(rest(again) == rest(whole, mark.rows, mark.errors))
    }
  }

  @Test func aReplayBetweenAnyTwoPositionsGivesTheSameRows() throws {
    try directory.write("a.jsonl", lines(0..<400) + #"{"k":400}"#)
    let spec = try fileSpec(path, columns)
    let whole = try read(fileSource(spec, .init(blockBytes: 900)))
    let source = try fileSource(spec, .init(blockBytes: 4000))
    func replay(_ reader: any SourceReplay, _ from: Int, _ to: Int) throws {
      var reading = Reading()
      let begin = from < 0 ? [] : whole.marks[from].position
      try reader.read(start(begin), to: whole.marks[to].position) { (batch) throws(SQLError) in reading.take(batch, columns) }
      let (rows, errors) = from < 0 ? (0, 0) : (whole.marks[from].rows, whole.marks[from].errors)
      #expect(reading.rows == Array(whole.rows[rows..<whole.marks[to].rows]))
      #expect(reading.errors == Array(whole.errors[errors..<whole.marks[to].errors]))
    }
    let one = source.makeReplay()
    for to in whole.marks.indices { try replay(one, to - 1, to) }  // in order, each going on from the last
    var random = SeededRandom(seed: 1)
    for _ in 0..<60 {
      let to = Int.random(in: whole.marks.indices, using: &random)
      try replay(one, Int.random(in: -1...to, using: &random), to)
    }
    #expect(throws: SQLError.self) {
      try one.read(start(whole.marks[3].position), to: whole.marks[1].position) { _ in }
    }
  }

  @Test func aChangedBeginningIsSeen() throws {
    let text = lines(0..<300)
    try directory.write("a.jsonl", text)
    let spec = try fileSpec(path, columns)
    let whole = try read(fileSource(spec, .init(blockBytes: 500)))
    let mark = whole.marks[whole.marks.count / 2]
    let offset = try #require(FilePosition(mark.position)).offset
    for place in [0, 1, 63, 64, 65, offset / 2, offset - 1] {
      var bytes = Array(text.utf8)
      bytes[place] ^= 1
      try directory.write("a.jsonl", bytes)
      let again = try read(fileSource(spec), from: [start(mark.position)])
      #expect(again.failure?.error.state.code == "XX001" && again.rows.isEmpty && !again.hasEnded, "byte \(place)")
      #expect(throws: SQLError.self) { try fileSource(spec).makeReplay().read(start([]), to: mark.position) { _ in } }
    }
    // What comes behind the position may change.
    var bytes = Array(text.utf8)
    bytes[offset] = UInt8(ascii: "x")
    try directory.write("a.jsonl", bytes)
    #expect(try read(fileSource(spec), from: [start(mark.position)]).hasEnded)
    try directory.write("a.jsonl", Array(text.utf8.prefix(offset - 1)))
    #expect(try read(fileSource(spec), from: [start(mark.position)]).failure?.error.state.code == "XX001")
    try FileManager.default.removeItem(atPath: path)
    #expect(try read(fileSource(spec), from: [start(mark.position)]).failure?.error.state.code == "58P01")
    #expect(try read(fileSource(spec), from: [start([1, 2, 3])]).failure?.error.state.code == "XX001")
  }

  @Test func whatIsAppendedToAnUnterminatedLineIsSeen() throws {
    try directory.write("a.jsonl", #"{"k":1}"#)
    let spec = try fileSpec(path, columns)
    let end = try #require(try read(fileSource(spec)).positions[0])
    #expect(try read(fileSource(spec), from: [start(end)]).hasEnded)
    try directory.append("a.jsonl", "\n{\"k\":2}\n")
    #expect(try read(fileSource(spec), from: [start(end)]).failure?.error.state.code == "XX001")
  }

  @Test func aFileThatShrinksWhileItIsReadStopsTheSource() throws {
    try directory.write("a.jsonl", lines(0..<20_000))
    let source = try fileSource(fileSpec(path, columns), .init(blockBytes: 2000))
    var cut = false
    let reading = try read(source) { reading in
      if !cut, reading.rows.count > 0 {
        cut = true
        #expect(truncate(path, 100) == 0)
      }
      return false
    }
    #expect(reading.failure?.error.state.code == "XX001" && !reading.hasEnded)
  }

  @Test(arguments: [true, false]) func aFileThatVanishesWhileItIsReadStopsTheSource(isReplaced: Bool) throws {
    try directory.write("a.jsonl", lines(0..<20_000))
    let source = try fileSource(fileSpec(path, columns), .init(blockBytes: 2000))
    var done = false
    let reading = try read(source) { reading in
      if !done, reading.rows.count > 0 {
        done = true
        #expect(rename(path, path + ".1") == 0)
        if isReplaced { try? directory.write("a.jsonl", lines(0..<20_000)) }
      }
      return false
    }
    #expect(reading.failure?.error.state.code == (isReplaced ? "XX001" : "58P01"))
  }

  @Test func theHashDependsOnAllBytesAndNotOnThePieces() throws {
    var random = SeededRandom(seed: 4)
    let bytes = (0..<1000).map { _ in UInt8.random(in: 0...255, using: &random) }
    func digest(_ bytes: [UInt8], pieces: () -> Int) -> UInt64 {
      var hash = PrefixHash()
      var at = 0
      while at < bytes.count {
        let end = min(bytes.count, at + max(1, pieces()))
        hash.append(bytes.span.extracting(at..<end).bytes)
        at = end
      }
      #expect(hash.byteCount == bytes.count)
      return hash.digest
    }
    let whole = digest(bytes) { 1000 }
    for piece in [1, 2, 15, 63, 64, 65, 128, 999] { #expect(digest(bytes) { piece } == whole) }
    #expect(digest(bytes) { Int.random(in: 0...200, using: &random) } == whole)
    var seen: Set<UInt64> = [whole]
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      seen.insert(digest(changed) { 1000 })
      seen.insert(digest(Array(bytes[..<index])) { 1000 })
    }
    seen.insert(digest(bytes + [0]) { 1000 })
    #expect(seen.count == 2 * bytes.count + 2)
  }
}
