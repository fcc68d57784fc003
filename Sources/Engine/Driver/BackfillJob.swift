import Columnar
import Dataflow
import Planner
import SQLCatalog
import SQLTypes

/// How fast new views are filled.
package struct BackfillPace: Sendable {
  /// Ids that one slice passes over, between two ticks.
  package var sliceRows = Batch.targetRowCount
  /// Slices are read only when `Engine.stepBackfills` asks for them: for tests, in which writes come between known slices.
  package var isStepped = false

  package init() {}
}

/// New views that are being filled beside the running graph: what they are for, and how far they are.
final class BackfillJob {
  enum Purpose {
    /// CREATE; the reply is nil where nobody waits.
    case definition(Driver.CatalogDraft, CatalogRequest, Reply<CatalogOutcome>?)
    /// SUBSCRIBE to a query that nobody keeps.
    case subscription(RelationID, PlannedQuery, Reply<SubscribeOutcome>)
  }

  let number: UInt64
  private(set) var purpose: Purpose
  let views: [(id: RelationID, stored: ViewRelation)]
  let gates: [BackfillGate]
  /// Read in this order, when the gates are open.
  let cursors: [ArrangementCursor]
  /// The log has an entry that it began: it begins again after a restart, until an entry says how it ended.
  var isLogged = false
  /// Statements that ask for the relations are told that they are being filled, and `leat.jobs` lists it.
  var isAnnounced = false
  let startNanoseconds: Int64

  init(
    _ number: UInt64, _ purpose: Purpose, views: [(id: RelationID, stored: ViewRelation)], gates: [BackfillGate],
    cursors: [ArrangementCursor], startNanoseconds: Int64
  ) {
    self.number = number
    self.purpose = purpose
    self.views = views
    self.gates = gates
    self.cursors = cursors
    self.startNanoseconds = startNanoseconds
  }

  /// Whether all has been read that was there.
  var isRead: Bool { gates.allSatisfy(\.isOpen) && cursors.allSatisfy(\.isAtEnd) }

  /// The relations that it makes, with the ids that they will have.
  var definitions: [Relation] {
    if case .definition(let draft, _, _) = purpose { draft.definitions } else { [] }
  }

  /// What must stay as it is until the job has ended.
  var reads: Set<RelationID> {
    var ids = Set(gates.map(\.relation))
    switch purpose {
    case .definition(let draft, _, _):
      ids.formUnion(draft.removed)
      for relation in draft.definitions { ids.formUnion(relation.dependencies) }
    case .subscription(_, let query, _): ids.formUnion(query.plan.relations)
    }
    return ids
  }

  /// The relations that go when it has ended.
  var replaced: [RelationID] {
    if case .definition(let draft, _, _) = purpose { draft.removed } else { [] }
  }

  /// Whether `reply` is waiting for it.
  func isAwaited(by reply: ObjectIdentifier) -> Bool {
    switch purpose {
    case .definition(_, _, let own?): ObjectIdentifier(own) == reply
    case .definition(_, _, nil): false
    case .subscription(_, _, let own): ObjectIdentifier(own) == reply
    }
  }

  /// Nobody waits for its end any more.
  func forgetReply() {
    if case .definition(let draft, let request, _) = purpose { purpose = .definition(draft, request, nil) }
  }

  /// Tells whoever waits that it will not come to be.
  func answer(_ error: SQLError) {
    switch purpose {
    case .definition(_, _, let reply): reply?.fulfil(.failure(error))
    case .subscription(_, _, let reply): reply.fulfil(.failure(error))
    }
  }
}

/// A line of `leat.jobs`.
struct JobFigures: Sendable {
  enum State: String, Sendable { case running, done, failed, cancelled }

  /// nil: of a subscription.
  var relation: String?
  var state = State.running
  var rowsDone: Int
  var rowsInAll: Int
  var nanoseconds: Int64
  var message: String?

  var share: Double { state == .done || rowsInAll == 0 ? 1 : min(1, Double(rowsDone) / Double(rowsInAll)) }
  var rowsPerSecond: Double? { nanoseconds > 0 ? Double(rowsDone) * 1e9 / Double(nanoseconds) : nil }
  /// At the pace so far.
  var secondsLeft: Double? {
    if state != .running { return nil }
    guard let rate = rowsPerSecond, rate > 0 else { return nil }
    return Double(max(0, rowsInAll - rowsDone)) / rate
  }
}
