package import SQLTypes

/// A connector with the options of one WITH clause.
package protocol Connector: Sendable {
  /// What happens at a record that makes no row.
  var onError: OnRowError { get }

  /// What of a record beside its value columns can hold, and their types.
  var metadata: [String: SQLType] { get }

  /// Checks the columns and keys of the stream or table, which `spec` has.
  ///
  /// - options: the clause's, for their places.
  /// - Errors: 42P16, 42703, 42804 or 0A000 for what the connector cannot make.
  func check(_ spec: SourceSpec, _ options: [SourceOption]) throws(SQLError)

  /// Where a new source begins, if that has to be found out when it is made: nil where a source finds its partitions by itself.
  ///
  /// - Errors: 08001 and what else comes of asking.
  func startPositions() throws(SQLError) -> [PartitionPosition]?

  /// The offset, as people see it, behind what was read up to a position; nil for one of another connector's.
  func offset(of position: [UInt8]) -> Int64?

  /// Whether a partition of that name may turn up.
  func mayHave(_ partition: String) -> Bool

  /// A source that makes the rows of `spec`, whose connector this is; not started.
  func makeSource(_ spec: SourceSpec) -> any Source
}

extension Connector {
  package var metadata: [String: SQLType] { [:] }
  package func startPositions() throws(SQLError) -> [PartitionPosition]? { nil }
  package func mayHave(_ partition: String) -> Bool { false }
}

/// What `connector = '…'` may name.
package struct ConnectorKind: Sendable {
  package let name: String
  /// Takes the options that it knows; what it leaves is refused.
  package let read: @Sendable (inout OptionReader) throws(SQLError) -> any Connector

  package init(name: String, read: @escaping @Sendable (inout OptionReader) throws(SQLError) -> any Connector) {
    self.name = name
    self.read = read
  }
}

/// The connectors of an instance.
package struct Connectors: Sendable {
  private let kinds: [ConnectorKind]

  /// Those of this module.
  package static let builtIn = Connectors(kinds: [FileOptions.kind, NexmarkOptions.kind])

  /// DIALECT §9's; those that an instance lacks are refused with 0A000.
  private static let promised = ["file", "nexmark", "kafka", "generator", "http", "embedded"]

  /// With more of them.
  package func adding(_ kind: ConnectorKind) -> Connectors { Connectors(kinds: kinds + [kind]) }

  /// Reads the options of a WITH clause.
  ///
  /// - Errors: 42601 for an option that is unknown, missing or doubled, 22023 for a bad value, 0A000 for a promised one.
  func connector(_ options: [SourceOption]) throws(SQLError) -> any Connector {
    guard let option = options.first(where: { $0.name == "connector" }) else {
      throw SQLError(.syntaxError, "the option \"connector\" is missing")
    }
    let names = kinds.map(\.name)
    let name = try option.choice(of: names, unsupported: Self.promised.filter { !names.contains($0) })
    guard let kind = kinds.first(where: { $0.name == name }) else { preconditionFailure("the choice is one of the kinds") }
    var reader = try OptionReader(options, connector: name)
    let connector = try kind.read(&reader)
    try reader.finish()
    return connector
  }
}
