import Columnar
import Dataflow
import SQLCatalog
import SQLTypes
import StateMemory
import Synchronization

/// What readers on other threads see: the catalog and the relations' rows, of one tick.
///
/// The lock is held for a publish, which is short, and by a reader while it takes the content and opens its snapshot, so
/// that both are of one tick.
final class PublishedState: Sendable {
  struct Content: Sendable {
    var tick: UInt64 = 0
    var catalog: Catalog
    var relations: [RelationID: StoredRows] = [:]
    /// Rows on which an expression of a view fails; relations without any are not listed.
    var failingRowCounts: [RelationID: Int] = [:]
    /// Streams and tables whose source nobody has read yet.
    var waitingSources: Set<RelationID> = []
    /// Streams and tables whose source has failed, and why: what they hold is not all that there is.
    var failedSources: [RelationID: String] = [:]
  }

  private let content: Mutex<Content>

  init(catalog: Catalog) { content = Mutex(Content(catalog: catalog)) }

  var waitingSources: Set<RelationID> { content.withLock { $0.waitingSources } }

  var catalog: Catalog { content.withLock { $0.catalog } }

  /// The newest tick's content, and a snapshot that keeps its rows readable.
  ///
  /// - Errors: 53000 if as many statements read already as there are slots.
  func read(on snapshots: SnapshotRegistry) throws(SQLError) -> (content: Content, snapshot: Snapshot) {
    let (content, snapshot) = content.withLock { ($0, snapshots.open()) }
    guard let snapshot else {
      throw SQLError(.insufficientResources, "too many statements are reading at once")
    }
    return (content, snapshot)
  }

  /// Runs `change`, in which stored rows may change, and makes its outcome the newest tick.
  func publish(tick: UInt64, on snapshots: SnapshotRegistry, _ change: (inout Content) -> Void) {
    content.withLock { content in
      snapshots.beginPublish()
      change(&content)
      content.tick = tick
      snapshots.endPublish(tick: tick)
    }
  }
}
