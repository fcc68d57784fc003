package import Columnar
package import SQLTypes

/// Takes the changes of materialized views in the place of their rows: an engine that has one keeps no view, so that a
/// measurement sees the cost of computing changes and not that of storing them. Called on the driver's thread.
package protocol ChangeSink: AnyObject, Sendable {
  /// A batch of a view's changes, not consolidated.
  func take(_ changes: Batch, types: [SQLType])
  /// A tick was published.
  ///
  /// - nanoseconds: since the driver took the tick's first command.
  func tickEnded(nanoseconds: Int64)
}
