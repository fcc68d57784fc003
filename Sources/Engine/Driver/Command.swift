import Columnar
import Connectors
import Planner
import SQLCatalog
import SQLTypes

/// Changes of tables that belong together: all or none, in one tick.
struct WriteRequest: Sendable {
  /// Weighted rows by relation, consolidated; a row that is changed is retracted as it was and inserted as it is now.
  var changes: [RelationID: Batch]
  /// Whether it is acknowledged, and shown to readers, only when it is on the disk (`synchronous_commit`).
  var isSynchronous: Bool
  /// What a serializable transaction has read.
  var reads: Reads?

  struct Reads: Sendable {
    /// As of this tick.
    var tick: UInt64
    var relations: Set<RelationID>
  }
}

/// Why the driver did not apply a request: the state has moved since it was made.
enum WriteOutcome: Sendable {
  /// In this tick.
  case applied(tick: UInt64)
  /// A row that it retracts is not there any more, or a table is not, or what it has read has changed: to be evaluated again.
  case stale
}

/// A change of the catalog, bound under `catalogVersion`.
struct CatalogRequest: Sendable {
  enum Change: Sendable {
    /// A relation whose id the driver gives, and the query of a view.
    case create(Relation, PlannedQuery?, orReplace: Bool)
    /// Relations, and views that are being filled, by their jobs.
    case drop([RelationID], jobs: Set<UInt64>)
  }

  var change: Change
  var statement: String
  var catalogVersion: UInt64
  /// Where the source of a new stream or table begins, if that was found out for the statement.
  var startPositions: [PartitionPosition] = []
  /// Whether it is answered before its views are filled.
  var isBackground = false
}

enum CatalogOutcome: Sendable {
  case applied(tick: UInt64)
  /// Its views are being filled, and will be there at the end of that.
  case begun
  /// The catalog has changed: to be bound again.
  case stale
}

/// A wish to follow a relation, or a query that nobody keeps yet.
struct SubscribeRequest: Sendable {
  enum Target: Sendable {
    case relation(RelationID)
    case query(PlannedQuery)
  }
  var target: Target
  var catalogVersion: UInt64
}

enum SubscribeOutcome: Sendable {
  /// The id ends the subscription again.
  case subscribed(RelationID, Subscription)
  case stale
}

/// What the driver's queue holds.
enum Command: Sendable {
  case write(WriteRequest, Reply<WriteOutcome>)
  /// The driver makes the request itself, from the newest tick, when it has gone stale too often on its way.
  case writeNow(@Sendable (Driver) throws(SQLError) -> WriteRequest, Reply<WriteOutcome>)
  case catalog(CatalogRequest, Reply<CatalogOutcome>)
  case subscribe(SubscribeRequest, Reply<SubscribeOutcome>)
  /// Who waits with this reply for a new view to be filled does not want it any more.
  case cancelJob(ObjectIdentifier)
  /// For tests: reads so many slices for each new view; answers how many views are still being filled.
  case stepJobs(Int, Reply<Int>)
  case unsubscribe(RelationID, Subscription)
  /// What a source tells; the driver answers with a release.
  ///
  /// - feed: the number of the feed that tells it; nil: whoever measures the engine.
  case source(RelationID, SourceEvent, feed: Int?)
  /// Starts sources that nobody read yet; answered once all that is there now has been taken in.
  case startSources([RelationID], Reply<Void>)
  case waitFor(PositionWait)
  /// Runs on the driver's thread while no tick is being applied: it finds what the newest tick left, and may look at
  /// anything but keep nothing.
  case inspect(@Sendable (Driver) -> Void)
}
