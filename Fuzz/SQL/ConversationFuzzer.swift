import AgreeingEngine
import PGWire
import Planner
import Platform
import SQLTypes
import Synchronization
import TestSupport

@testable import Engine
@testable import PGServer

/// Sequences of messages of a client, as drivers send them and then mutated, to a connection's conversation: with the real session on
/// an engine of this process, or with an engine that agrees to everything. What the server sends is whole messages, and no error is
/// of a state that means a fault of ours.
struct ConversationFuzzer {
  /// How far the executions came.
  struct Counts {
    var messages = 0
    var rows = 0
    var errors = 0
    var completed = 0
  }

  /// An engine serves this many sequences, so that what they leave behind stays small and a failure can be run again from the
  /// first of them.
  private static let sequencesPerEngine: UInt64 = 256

  private let writer: SequenceWriter
  private let seed: UInt64
  private let patience: Patience
  private var engine: Engine?
  private(set) var counts = Counts()

  init(_ corpus: SpecCorpus, seed: UInt64) {
    writer = SequenceWriter(corpus)
    self.seed = seed
    patience = Patience()
  }

  mutating func run(_ execution: UInt64) throws(SQLError) {
    var random = SeededRandom(seed: SeededRandom.mixed(seed, execution))
    let messages = writer.sequence(&random)
    let parts = Self.mutated(messages, &random)
    note(execution, String(decoding: parts.joined(), as: UTF8.self))
    if engine == nil || execution % Self.sequencesPerEngine == 0 { engine = try Self.freshEngine() }
    guard let engine else { return }
    var connection = FuzzedConnection(engine)
    for part in parts where connection.isOpen {
      patience.begin(connection.cancelToken)
      connection.receive(part)
      patience.end()
    }
    counts.messages += messages.count
    connection.add(to: &counts)
  }

  mutating func runAgreeing(_ execution: UInt64) {
    var random = SeededRandom(seed: SeededRandom.mixed(seed, execution))
    let messages = writer.sequence(&random)
    let parts = Self.mutated(messages, &random)
    note(execution, String(decoding: parts.joined(), as: UTF8.self))
    var connection = ConnectionProtocol()
    var out = BackendEncoder()
    for part in parts {
      connection.received(part[...])
      while let action = connection.next(into: &out) {
        var pending = action
        while let following = connection.agree(to: pending, into: &out) { pending = following }
      }
      precondition(ServerBytes(out.bytes).isWhole, "a server sends whole messages")
      out.removeAll()
    }
    counts.messages += messages.count
  }

  private static func freshEngine() throws(SQLError) -> Engine {
    let engine = try Engine()
    let session = engine.session()
    for sql in [
      "CREATE TABLE t (a int PRIMARY KEY, b bigint, s text, n numeric(12,2), d date, z timestamptz, f double precision, o boolean)",
      "INSERT INTO t VALUES (1, 2, 'x', 1.5, '2024-01-01', '2024-01-01', 1.5, true), (2, NULL, 'é', -3, 'infinity', NULL, 'NaN', false), (3, 3, '', 0, NULL, NULL, 0, NULL)",
      "CREATE MATERIALIZED VIEW m AS SELECT o, count(*) AS c, sum(b) AS b FROM t GROUP BY o",
    ] { try session.run(sql) { _ in } }
    return engine
  }

  /// The bytes of the messages with faults in them, cut in parts.
  private static func mutated(_ messages: [[UInt8]], _ random: inout SeededRandom) -> [[UInt8]] {
    var messages = messages
    for _ in 0..<(random.below(4) == 0 ? 0 : 1 + random.below(4)) where messages.count > 1 {
      // The startup mostly stays, or nothing else would be reached.
      let place = random.below(40) == 0 ? 0 : 1 + random.below(messages.count - 1)
      switch random.below(9) {
      case 0: messages.remove(at: place)
      case 1: messages.insert(messages[place], at: 1 + random.below(messages.count))
      case 2: messages.swapAt(place, 1 + random.below(messages.count - 1))
      case 3: if !messages[place].isEmpty { messages[place].removeLast(1 + random.below(messages[place].count)) }
      case 4: messages[place].insert(UInt8(random.below(256)), at: random.below(messages[place].count + 1))
      default:
        // Behind the length mostly: a false length ends the connection.
        for _ in 0..<1 + random.below(3) where messages[place].count > 5 {
          let byte = random.below(8) == 0 ? random.below(messages[place].count) : 5 + random.below(messages[place].count - 5)
          messages[place][byte] = random.below(2) == 0 ? UInt8(random.below(256)) : [0, 1, 255, 127, 83, 80][random.below(6)]
        }
      }
    }
    if random.below(2) == 0 { return messages }
    let bytes = Array(messages.joined())
    let cut = random.below(bytes.count + 1)
    return [Array(bytes[..<cut]), Array(bytes[cut...])]
  }
}

/// One connection without its socket: performs what `ClientConnection` does.
private struct FuzzedConnection {
  private var conversation: Conversation
  private(set) var isOpen = true
  private var sent = ServerBytes([])
  let cancelToken = CancelToken()

  init(_ engine: Engine) {
    let session = engine.session(cancelToken: cancelToken)
    // Nothing reads a source's records here.
    session.startsSources = false
    // A client that sends something else as soon as it has the first rows of a statement that goes on.
    conversation = Conversation(session) { _ throws(SQLError) in
      throw SQLError(.queryCanceled, "canceling statement: the client has sent something else, or is gone")
    }
  }

  mutating func receive(_ bytes: [UInt8]) {
    conversation.received(bytes)
    while isOpen, let action = conversation.nextAction() { perform(action) }
    let said = ServerBytes(conversation.output)
    precondition(said.isWhole, "a server sends whole messages")
    sent.add(said)
    conversation.outputSent()
  }

  private mutating func perform(_ action: ConnectionProtocol.Action) {
    var action = action
    while true {
      switch action {
      case .proceed, .flush, .beginCopyIn: return
      case .close, .cancel:
        isOpen = false
        return
      case .openSession(let startup): action = conversation.openSession(startup, 1, 2, isRefused: false)
      default:
        guard let next = conversation.answer(action) else { return }
        action = next
      }
    }
  }

  func add(to counts: inout ConversationFuzzer.Counts) {
    counts.rows += sent.rows
    counts.errors += sent.errors
    counts.completed += sent.completed
  }
}

/// A client that goes away when it has waited for too long, as for the next row of a subscription that has none. The server
/// then cancels the statement, and again while the connection is busy (`ClientConnection.cancelIfAbandoned`).
private final class Patience {
  private static let milliseconds: Int64 = 200

  private let waiting = Waiting()
  private let ended: Wakeup
  private let thread: Platform.Thread

  init() {
    do throws(PlatformError) {
      let ended = try Wakeup()
      self.ended = ended
      thread = try Platform.Thread(named: "patience") { [waiting] in
        while !ended.wait(timeoutMilliseconds: Self.milliseconds / 4) { waiting.cancel(after: Self.milliseconds) }
      }
    } catch { preconditionFailure("no thread: \(error)") }
  }

  deinit {
    ended.signal()
    thread.join()
  }

  func begin(_ token: CancelToken) { waiting.began(token) }
  func end() { waiting.ended() }

  private final class Waiting: Sendable {
    private let clock = SystemClock()
    private let state = Mutex<(token: CancelToken, since: Int64)?>(nil)

    func began(_ token: CancelToken) { state.withLock { $0 = (token, clock.monotonicNanoseconds) } }
    func ended() { state.withLock { $0 = nil } }

    func cancel(after milliseconds: Int64) {
      state.withLock { state in
        guard let (token, since) = state, clock.monotonicNanoseconds - since > milliseconds * 1_000_000 else { return }
        token.cancel()
      }
    }
  }
}

/// What a server sent, message by message.
private struct ServerBytes {
  private(set) var isWhole = true
  private(set) var rows = 0
  private(set) var errors = 0
  private(set) var completed = 0

  init(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while let type = rest.first {
      let length = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
      // A lone N answers a request for TLS, in one byte.
      if type == UInt8(ascii: "N"), rest.count < 5 || length > rest.count {
        rest.removeFirst()
        continue
      }
      guard length >= 4, rest.count >= length + 1 else {
        isWhole = false
        return
      }
      note(type, rest.dropFirst(5).prefix(length - 4))
      rest.removeFirst(length + 1)
    }
  }

  private mutating func note(_ type: UInt8, _ body: ArraySlice<UInt8>) {
    switch type {
    case UInt8(ascii: "D"), UInt8(ascii: "d"): rows += 1
    case UInt8(ascii: "C"): completed += 1
    case UInt8(ascii: "E"):
      errors += 1
      let state = body.split(separator: 0).first { $0.first == UInt8(ascii: "C") }?.dropFirst()
      let code = String(decoding: state ?? [], as: UTF8.self)
      precondition(code.utf8.count == 5 && code != "XX000" && code != "53000", "an error is the client's, not ours: \(code)")
    default: break
    }
  }

  mutating func add(_ other: ServerBytes) {
    rows += other.rows
    errors += other.errors
    completed += other.completed
  }
}
