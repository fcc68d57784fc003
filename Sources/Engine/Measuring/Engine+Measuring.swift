package import Connectors
import Dataflow
import SQLCatalog
package import SQLTypes

/// For programs that measure the engine from inside its process.
extension Engine {
  /// Hands the driver an event of a source, as the source's own thread would.
  ///
  /// - Errors: 42P01 if there is no such stream; 57P01 after `stop`.
  package func take(_ event: SourceEvent, ofStream name: String) throws(SQLError) {
    guard let relation = published.catalog.relation(schema: nil, name: name) else {
      throw SQLError(.undefinedTable, "relation \"\(name)\" does not exist")
    }
    try submit(.source(relation.id, event, feed: nil))
  }

  /// How long ticks took since this was last asked. Those of catalog changes and of a replay are not among them.
  package func takeTickDurations() throws(SQLError) -> TickDurations {
    try onDriver { driver in
      defer { driver.tickDurations = TickDurations() }
      return driver.tickDurations
    }
  }

  /// Waits until the driver has dealt with all that was handed to it, and tells what it holds.
  ///
  /// The first question may share the driver's turn with what was handed to it, and is then answered before their tick ends.
  ///
  /// - Returns: bytes of state in operators, tables and views, and how many rows each source has brought, by its name.
  package func settle() throws(SQLError) -> (stateBytes: Int, sourceRows: [String: Int]) {
    try onDriver { _ in }
    return try onDriver { driver in
      var bytes = 0
      for stored in driver.relations.values { bytes += stored.stateBytes }
      for node in Set(driver.relations.values.flatMap(\.nodes)) { bytes += driver.graph.figures(of: node).stateBytes }
      let rows = driver.sources.values.map { ($0.spec.relation, $0.rowCount) }
      return (bytes, Dictionary(rows, uniquingKeysWith: +))
    }
  }
}
