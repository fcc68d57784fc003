import Dataflow
import Planner
import Platform
import SQLCatalog
import SQLTypes
import StateMemory

/// Followers of relations. A query that nobody keeps is kept for its follower, under an id that the catalog does not have.
extension Driver {
  /// Ids from here on are of hidden views; they are in no log.
  static let firstHiddenView: UInt64 = 1 << 62

  /// - reply: answered at once, or when the query has been computed.
  func subscribe(_ request: SubscribeRequest, _ reply: Reply<SubscribeOutcome>) throws(SQLError) {
    if request.catalogVersion != catalog.version { return reply.fulfil(.success(.stale)) }
    switch request.target {
    case .relation(let relation): reply.fulfil(.success(try follow(relation)))
    case .query(let query):
      let id = RelationID(nextHiddenView)
      nextHiddenView += 1
      let (view, lowering) = makeView(query, types: query.columns.map(\.type), names: catalog) { _ in nil }
      do throws(SQLError) { try lowering.pushConstants() } catch {
        discard(view.nodes)
        throw error
      }
      begin(makeJob(.subscription(id, query, reply), [(id, view)], [lowering], besides: []))
    }
  }

  /// Attaches a follower to the newest tick of a relation.
  func follow(_ id: RelationID) throws(SQLError) -> SubscribeOutcome {
    guard let stored = relations[id] else { return .stale }
    guard let snapshot = space.snapshots.openOnDriver() else {
      if hiddenViews[id] != nil { removeHidden(id) }
      throw SQLError(.insufficientResources, "too many statements are reading at once")
    }
    let subscription = Subscription(stored.content, snapshot)
    subscriptions[id, default: []].append(subscription)
    readMoreColumns(of: [id])
    return .subscribed(id, subscription)
  }

  func unsubscribe(_ id: RelationID, _ subscription: Subscription) {
    subscriptions[id]?.removeAll { $0 === subscription }
    guard subscriptions[id]?.isEmpty == true else { return }
    subscriptions[id] = nil
    if hiddenViews[id] != nil { removeHidden(id) }
  }

  /// Before a relation goes: its followers are told, and those of queries that read it.
  func endSubscriptions(to id: RelationID) {
    for (hidden, inputs) in hiddenViews where inputs.contains(id) {
      endAll(hidden)
      removeHidden(hidden)
    }
    endAll(id)
  }

  func endAllSubscriptions(_ error: SQLError) {
    for subscription in subscriptions.values.joined() { subscription.end(error) }
    subscriptions = [:]
  }

  private func endAll(_ id: RelationID) {
    for subscription in subscriptions.removeValue(forKey: id) ?? [] {
      subscription.end(SQLError(.undefinedTable, "the relation that is followed has been dropped"))
    }
  }

  private func removeHidden(_ id: RelationID) {
    hiddenViews[id] = nil
    forget(id)
  }
}
