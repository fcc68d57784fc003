package import SQLTypes

/// Options of `connector = 'nexmark'`.
package struct NexmarkOptions: Connector, Hashable {
  package var table: NexmarkTable
  /// How many events to make, of all three kinds together; nil: no end.
  package var events: Int64?
  /// How many rows of this table to make; nil: no end of its own.
  package var rows: Int64?
  package var seed: UInt64 = 42
  /// Rows a second; nil: as fast as they are taken.
  package var rate: Int64?
}

extension NexmarkOptions {
  /// How the options of a WITH clause are read.
  static let kind = ConnectorKind(name: "nexmark") { (reader) throws(SQLError) in try NexmarkOptions(&reader) }

  /// What a generator makes is never bad.
  package var onError: OnRowError { .log }

  package func check(_ spec: SourceSpec, _ options: [SourceOption]) throws(SQLError) {
    for column in spec.columns { _ = try table.field(for: column) }
  }

  package func offset(of position: [UInt8]) -> Int64? {
    position.isEmpty ? 0 : NexmarkGenerator.Position(position)?.event
  }

  package func makeSource(_ spec: SourceSpec) -> any Source { NexmarkSource(spec, self) }

  private init(_ reader: inout OptionReader) throws(SQLError) {
    let option = try reader.require("table")
    let name = try option.choice(of: NexmarkTable.allCases.map(\.rawValue))
    guard let table = NexmarkTable(rawValue: name) else { throw option.invalid("a table of nexmark") }
    self.init(table: table)
    events = try reader.integer("events", least: 0)
    rows = try reader.integer("rows", least: 0)
    rate = try reader.integer("rate", least: 1)
    if let option = reader.take("seed") {
      guard let value = UInt64(option.value) else { throw option.invalid("an integer of at least 0") }
      seed = value
    }
  }
}
