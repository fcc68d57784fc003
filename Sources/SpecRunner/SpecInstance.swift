package import Engine
import Planner
package import SQLTypes

/// What a spec runs against: an engine of this process, a server, another database.
package protocol SpecInstance: AnyObject {
  /// Runs a text of one statement in the session of that name.
  func run(_ sql: String, on connection: String) throws(SQLError) -> SpecAnswer

  /// Runs a statement and tells what a subscription on the relation sees of it: changes of the statement's tick, rows
  /// of equal text added up. It waits until there are as many as `expected`, but not for ever.
  func changes(of relation: String, by sql: String, on connection: String, expecting expected: Int) throws(SQLError)
    -> [SpecChange]

  /// Returns when everything that was given so far has been applied.
  func tick() throws(SQLError)

  /// Stops the instance and starts it again on its data; its sessions are new.
  func restart() throws(SQLError)
}

package struct SpecAnswer: Sendable {
  /// nil for a statement that answers no rows.
  package var columnCount: Int?
  package var rows: [[String?]] = []
  package var tag = ""

  package init() {}
}

package struct SpecChange: Sendable {
  package var weight: Int
  package var row: [String?]

  package init(weight: Int, row: [String?]) {
    self.weight = weight
    self.row = row
  }
}

/// An engine of this process.
package final class EngineInstance: SpecInstance {
  private let open: () throws(SQLError) -> Engine
  private let keepsData: Bool
  private var engine: Engine
  private var sessions: [String: Session] = [:]

  /// - open: makes the engine; called again by `restart`, on the same data if `keepsData`.
  package init(keepsData: Bool = false, _ open: @escaping () throws(SQLError) -> Engine) throws(SQLError) {
    self.open = open
    self.keepsData = keepsData
    engine = try open()
  }

  deinit {
    sessions = [:]
    engine.stop()
  }

  private func session(_ name: String) -> Session {
    if let session = sessions[name] { return session }
    let session = engine.session()
    sessions[name] = session
    return session
  }

  package func run(_ sql: String, on connection: String) throws(SQLError) -> SpecAnswer {
    var answer = SpecAnswer()
    try session(connection).run(sql) { (result) throws(SQLError) in
      answer.columnCount = result.columns?.count
      answer.rows += result.textRows
      answer.tag = result.tag
      if let live = result.live {
        // `EMIT CHANGES LIMIT n` ends by itself.
        while let batches = try live.next(timeoutMilliseconds: 10_000) {
          if batches.isEmpty { throw SQLError(.queryCanceled, "the statement has not ended after 10 seconds") }
          var part = result
          part.batches = batches
          answer.rows += part.textRows
        }
        live.close()
      }
    }
    return answer
  }

  package func changes(
    of relation: String, by sql: String, on connection: String, expecting expected: Int
  ) throws(SQLError) -> [SpecChange] {
    var changes: [SpecChange] = []
    let follower = engine.session()
    try follower.run("SUBSCRIBE TO \(relation) WITH (snapshot = false)") { (result) throws(SQLError) in
      guard let live = result.live else { return }
      defer { live.close() }
      _ = try run(sql, on: connection)
      while true {
        // What is expected is waited for; what must not come gets a short time to show itself.
        let wait: Int64 = changes.count < expected ? 2_000 : 30
        guard let batches = try live.next(timeoutMilliseconds: wait), !batches.isEmpty else { return }
        var part = result
        part.batches = batches
        for row in part.textRows {
          changes.append(SpecChange(weight: row[1].flatMap { Int($0) } ?? 0, row: Array(row.dropFirst(2))))
        }
      }
    }
    return changes
  }

  /// Whether a session has a transaction open, which a restart would end.
  package var isInTransaction: Bool { sessions.values.contains { $0.transactionStatus != .idle } }

  /// A write returns when its tick is applied, so nothing is on its way.
  package func tick() throws(SQLError) {}

  package func restart() throws(SQLError) {
    guard keepsData else { throw .unsupported("restart of an engine that keeps nothing", at: nil) }
    sessions = [:]
    engine.stop()
    engine = try open()
  }
}
