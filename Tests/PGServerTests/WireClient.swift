import Platform
import TestSupport

@testable import PGWire

/// A client of the tests: sends what its protocol wrote and reads messages until the server is ready.
struct WireClient {
  let connection: Connection
  var wire = ClientProtocol()
  /// What the server said before it was ready for the first time.
  private(set) var greeting: [BackendMessage] = []

  init(port: UInt16, _ settings: [WireParameter] = []) throws {
    connection = try Connection(port: port)
    wire.start(StartupParameters(parameters: [WireParameter("user", "test")] + settings))
    greeting = try exchange()
  }

  mutating func exchange() throws -> [BackendMessage] {
    try connection.send(wire.output.bytes, or: nil)
    wire.outputSent()
    var messages: [BackendMessage] = []
    while true {
      while let message = try wire.next() { messages.append(message) }
      if wire.isReady { return messages }
      let bytes = try connection.receive(atMost: 4096, or: nil)
      if bytes.isEmpty {
        // A FATAL error ends the connection.
        if messages.isEmpty { throw PlatformError.endOfFile }
        return messages
      }
      wire.received(bytes[...])
    }
  }

  mutating func query(_ sql: String) throws -> [BackendMessage] {
    wire.query(sql)
    return try exchange()
  }

  /// Parse, Bind, Describe, Execute and Sync.
  mutating func run(
    _ sql: String, _ values: [[UInt8]?], types: [Int32] = [], formats: [WireFormat] = [], results: [WireFormat] = []
  ) throws -> [BackendMessage] {
    wire.parse(sql: sql, parameterTypes: types)
    wire.bind(parameterFormats: formats, values: values, resultFormats: results)
    wire.describe(.portal(""))
    wire.execute()
    wire.sync()
    return try exchange()
  }
}

/// What of the messages a user sees: rows as texts, tags, and errors by state and position.
func summary(_ messages: [BackendMessage]) -> [String] {
  messages.compactMap { message in
    switch message {
    case .dataRow(let row): (0..<row.count).map { row.text($0) ?? "NULL" }.joined(separator: " ")
    case .copyData(let bytes): String(decoding: bytes, as: UTF8.self)
    case .commandComplete(let tag): tag
    case .emptyQueryResponse: "empty"
    case .portalSuspended: "suspended"
    case .error(let report): "\(report.state) at \(report.position ?? 0)"
    default: nil
    }
  }
}
