package import SQLTypes

/// Options of `connector = 'file'`.
package struct FileOptions: Connector, Hashable {
  /// A path, perhaps with `*`, `?` and `[…]` as the shell has them; each file that it matches is a partition.
  package var path: String
  /// Whether to go on with what is appended, and with new files, after the end.
  package var follow = false
  package var envelope = Envelope.plain
  package var onError = OnRowError.log
}

extension FileOptions {
  /// How the options of a WITH clause are read.
  static let kind = ConnectorKind(name: "file") { (reader) throws(SQLError) in try FileOptions(&reader) }

  package func check(_ spec: SourceSpec, _ options: [SourceOption]) throws(SQLError) {
    if envelope == .upsert, spec.keyColumns.isEmpty {
      throw SQLError(
        .invalidTableDefinition, "envelope \"upsert\" needs a primary key", at: options.first { $0.name == "envelope" }?.range)
    }
  }

  package func offset(of position: [UInt8]) -> Int64? { FilePosition(position).map { Int64($0.offset) } }

  package func makeSource(_ spec: SourceSpec) -> any Source { FileSource(spec, self) }

  private init(_ reader: inout OptionReader) throws(SQLError) {
    let path = try reader.require("path")
    guard !path.value.isEmpty, !path.value.utf8.contains(0) else { throw path.invalid("a path") }
    self.init(path: path.value)
    try reader.requireFormat()
    if let follow = try reader.boolean("follow") { self.follow = follow }
    if let option = reader.take("envelope") {
      let name = try option.choice(of: ["plain", "upsert"], unsupported: ["debezium", "cloudevents"])
      envelope = name == "upsert" ? .upsert : .plain
    }
    if let option = reader.take("on_error") { onError = try OnRowError(option) }
  }
}
