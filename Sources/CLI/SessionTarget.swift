import Engine
import Planner
import Platform
import SQLTypes
import Shell
import Synchronization

/// Runs statements in an engine of this process.
final class SessionTarget: ShellTarget {
  private let engine: Engine
  private let session: Session
  private let place: DataPlace
  private let running: RunningStatement

  /// Ends what runs: the token is looked at by queries, the cancellation ends waits.
  private final class RunningStatement: Sendable {
    let token = CancelToken()
    let cancellation = Mutex(Cancellation())
  }

  /// The engine is stopped with the target.
  init(_ engine: Engine, _ place: DataPlace) {
    let running = RunningStatement()
    self.engine = engine
    self.place = place
    self.running = running
    session = engine.session(cancelToken: running.token)
    cancel = {
      running.token.cancel()
      running.cancellation.withLock { $0 }.cancel()
    }
  }

  deinit { engine.stop() }

  let cancel: @Sendable () -> Void

  var transactionMark: String {
    switch session.transactionStatus {
    case .idle: ""
    case .inBlock: "*"
    case .failed: "!"
    }
  }

  var connectionInfo: String {
    switch place {
    case .memory: "You are using an engine inside this process that keeps nothing."
    case .directory(let path): "You are using an engine inside this process on the data directory \"\(path)\"."
    }
  }

  func run(_ text: String, input: () -> [UInt8]?, _ receive: (StatementEvent) -> Void) throws(SQLError) {
    let cancellation = Cancellation()
    running.cancellation.withLock { $0 = cancellation }
    try session.run(text) { (result) throws(SQLError) in
      for notice in result.notices { receive(.notice(notice.severity, SQLError(notice.state, notice.message))) }
      if let lines = CopyLines(result) {
        try copyOut(result, lines, cancellation, receive)
        return
      }
      if let columns = result.columns {
        receive(.columns(columns.map { ResultColumn(name: $0.name, typeOID: $0.type.oid) }))
      }
      for row in result.textRows { receive(.row(row)) }
      if let live = result.live {
        defer { live.close() }
        while let batches = try live.next(timeoutMilliseconds: nil, cancellation) {
          var part = result
          part.batches = batches
          for row in part.textRows { receive(.row(row)) }
          receive(.pause)
        }
      }
      receive(.complete(tag: result.tag))
    }
  }

  private func copyOut(
    _ result: StatementResult, _ lines: CopyLines, _ cancellation: Cancellation, _ receive: (StatementEvent) -> Void
  ) throws(SQLError) {
    var lines = lines
    func tell(_ write: (inout CopyLines, (ArraySlice<UInt8>) -> Void) -> Void) {
      var bytes: [UInt8] = []
      write(&lines) { bytes += $0 }
      if !bytes.isEmpty { receive(.copyData(bytes)) }
    }
    tell { $0.header($1) }
    tell { $0.each(of: result.batches, $1) }
    if let live = result.live {
      defer { live.close() }
      while let batches = try live.next(timeoutMilliseconds: nil, cancellation) {
        tell { $0.each(of: batches, $1) }
        receive(.pause)
      }
    }
    receive(.complete(tag: lines.tag))
  }
}
