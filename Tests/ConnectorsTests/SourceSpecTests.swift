import SQLTypes
import Testing

@testable import Connectors

private let columns: [SpecColumn] = [.init(name: "id", type: .bigint)]

private func failure(
  _ options: KeyValuePairs<String, String>, columns: [SpecColumn] = columns, key: [Int] = []
) -> (state: String, message: String, hint: String?)? {
  do throws(SQLError) {
    _ = try SourceSpec(
      relation: "t", columns: columns, keyColumns: key, options: options.map { SourceOption(name: $0.key, value: $0.value) })
    return nil
  } catch {
    return (error.state.code, error.message, error.hint)
  }
}

@Suite struct SourceSpecTests {
  @Test func optionsOfAFileAreRead() throws {
    let options: KeyValuePairs = [
      "connector": "file", "path": "a/*.jsonl", "format": "json", "follow": "on", "envelope": "upsert", "on_error": "skip",
    ]
    let spec = try SourceSpec(
      relation: "t", columns: columns, keyColumns: [0], options: options.map { SourceOption(name: $0.key, value: $0.value) })
    #expect(
      spec.connector as? FileOptions == FileOptions(path: "a/*.jsonl", follow: true, envelope: .upsert, onError: .skip))
  }

  @Test func optionsOfNexmarkAreRead() throws {
    let options: KeyValuePairs = [
      "connector": "nexmark", "table": "auction", "events": "1000", "rows": "7", "seed": "18446744073709551615", "rate": "50",
    ]
    let spec = try SourceSpec(
      relation: "t", columns: columns, options: options.map { SourceOption(name: $0.key, value: $0.value) })
    #expect(spec.connector as? NexmarkOptions == NexmarkOptions(table: .auction, events: 1000, rows: 7, seed: .max, rate: 50))
  }

  @Test func whatIsWrongIsSaid() {
    let file: KeyValuePairs = ["connector": "file", "format": "json", "path": "a"]
    func with(_ name: String, _ value: String) -> (state: String, message: String, hint: String?)? {
      failure(["connector": "file", "format": "json", "path": "a", name: value])
    }
    #expect(failure(file) == nil)
    #expect(failure([:])?.state == "42601")
    #expect(failure(["connector": "file", "format": "json"])?.message == #"connector "file" needs the option "path""#)
    #expect(failure(["connector": "file", "path": "a"])?.message == #"connector "file" needs the option "format""#)
    #expect(with("folow", "true") ?? ("", "", "") == ("42601", #"connector "file" has no option "folow""#, #"Perhaps you meant "follow"."#))
    #expect(with("seed", "1")?.state == "42601")
    #expect(with("idle_timeout", "1s")?.state == "0A000")
    #expect(with("follow", "sometimes")?.state == "22023")
    #expect(with("envelope", "debezium")?.state == "0A000")
    #expect(with("envelope", "upsrt")?.hint == #"Perhaps you meant "upsert"."#)
    #expect(with("envelope", "upsert")?.state == "42P16")
    #expect(with("on_error", "topic:x")?.state == "0A000")
    #expect(with("path", "b") ?? ("", "", "") == ("42601", #"option "path" is given twice"#, nil))
    #expect(failure(["connector": "file", "format": "csv", "path": "a"])?.state == "0A000")
    #expect(failure(["connector": "file", "format": "json", "path": ""])?.state == "22023")
    #expect(failure(["connector": "fil"])?.hint == #"Perhaps you meant "file"."#)
    #expect(failure(["connector": "kafka"])?.state == "0A000")
    #expect(failure(["connector": "nexmark", "table": "bids"])?.hint == #"Perhaps you meant "bid"."#)
    #expect(failure(["connector": "nexmark", "table": "bid", "rows": "-1"], columns: [])?.state == "22023")
    #expect(failure(["connector": "nexmark", "table": "bid", "rate": "0"], columns: [])?.state == "22023")
    #expect(failure(["connector": "nexmark", "table": "bid"])?.state == "42703")
    #expect(
      failure(["connector": "nexmark", "table": "bid"], columns: [.init(name: "prise", type: .bigint)])?.hint
        == #"Perhaps you meant "price"."#)
    #expect(failure(["connector": "nexmark", "table": "bid"], columns: [.init(name: "price", type: .text)])?.state == "42804")
    #expect(failure(file, columns: (0..<1601).map { .init(name: "c\($0)", type: .text) })?.state == "54011")
    #expect(failure(file, columns: (0..<1600).map { .init(name: "c\($0)", type: .text) }) == nil)
  }
}
