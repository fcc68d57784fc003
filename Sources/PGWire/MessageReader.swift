package import SQLTypes

/// What the bytes of a client turned out to be.
package enum Incoming: Hashable, Sendable {
  case message(FrontendMessage)
  /// A whole frame whose body does not decode; the next frame can still be read.
  case malformed(SQLError, inExtendedQuery: Bool)
  /// Where the next frame would begin is not known: the connection must end.
  case unframed(SQLError)
}

/// Frames and decodes what a client sends, fed in chunks of any cut.
///
/// | phase            | frames        | limit on `length`                                       | becomes          |
/// |------------------|---------------|---------------------------------------------------------|------------------|
/// | `startup`        | startup       | 10,000                                                  | `authentication` after a startup packet |
/// | `authentication` | typed         | 65,535                                                  | `session` by `beginSession()` |
/// | `session`        | typed         | `messageByteLimit`; 10,000 for types with short bodies  | --               |
/// | `broken`         | none          | --                                                      | --               |
package struct MessageReader {
  package enum Phase: Hashable, Sendable {
    case startup, authentication, session, broken
  }

  package static let startupByteLimit = 10_000
  package static let authenticationByteLimit = 65_535
  package static let shortMessageByteLimit = 10_000

  package private(set) var phase: Phase = .startup
  package let messageByteLimit: Int
  private var buffer = FrameBuffer()

  package init(messageByteLimit: Int = 64 << 20) {
    self.messageByteLimit = messageByteLimit
  }

  /// Bytes that wait for the rest of their frame or for `next()`.
  package var unreadByteCount: Int { buffer.count }

  package mutating func append(_ chunk: ArraySlice<UInt8>) {
    if phase != .broken { buffer.append(chunk) }
  }
  package mutating func append(_ chunk: Span<UInt8>) {
    if phase != .broken { buffer.append(chunk) }
  }

  /// The client is authenticated: from here on frames may be large.
  package mutating func beginSession() {
    if phase == .authentication { phase = .session }
  }

  /// The next message, or nil until more bytes are appended.
  package mutating func next() -> Incoming? {
    do {
      switch phase {
      case .startup: return try nextStartup()
      case .authentication, .session: return try nextTyped()
      case .broken: return nil
      }
    } catch {
      phase = .broken
      buffer.removeAll()
      return .unframed(error)
    }
  }

  private mutating func nextStartup() throws(SQLError) -> Incoming? {
    guard buffer.count >= 4 else { return nil }
    let length = Int(buffer.uint32(at: 0))
    guard length >= 8, length <= Self.startupByteLimit else { throw .invalidStartupLength }
    guard buffer.count >= length else { return nil }
    let message = try FrontendMessage(startup: buffer.take(length, skipping: 4))
    if case .startup = message { phase = .authentication }
    return .message(message)
  }

  private mutating func nextTyped() throws(SQLError) -> Incoming? {
    guard buffer.count >= 1 else { return nil }
    let type = buffer.byte(at: 0)
    guard let limit = lengthLimit(of: type) else { throw .invalidMessageType(type) }
    guard buffer.count >= 5 else { return nil }
    let length = Int(buffer.uint32(at: 1))
    guard length >= 4, length <= Int(Int32.max) else { throw .invalidMessageLength(type: type) }
    guard length <= limit else { throw .oversizedMessage(bytes: length, limit: limit) }
    guard buffer.count > length else { return nil }
    let body = buffer.take(length + 1, skipping: 5)
    do {
      return .message(try FrontendMessage(type: type, body: body))
    } catch {
      return .malformed(error, inExtendedQuery: Self.isExtendedQuery(type))
    }
  }

  /// The largest length of a frame of that type in this phase; nil if there is no such type.
  private func lengthLimit(of type: UInt8) -> Int? {
    let limit = phase == .session ? messageByteLimit : Self.authenticationByteLimit
    switch type {
    case UInt8(ascii: "Q"), UInt8(ascii: "P"), UInt8(ascii: "B"), UInt8(ascii: "F"), UInt8(ascii: "d"): return limit
    case UInt8(ascii: "p"): return min(limit, Self.authenticationByteLimit)
    case UInt8(ascii: "D"), UInt8(ascii: "C"), UInt8(ascii: "E"), UInt8(ascii: "S"), UInt8(ascii: "H"),
      UInt8(ascii: "X"), UInt8(ascii: "c"), UInt8(ascii: "f"):
      return min(limit, Self.shortMessageByteLimit)
    default: return nil
    }
  }

  /// Whether an error in such a message is followed by skipping until Sync.
  private static func isExtendedQuery(_ type: UInt8) -> Bool {
    switch type {
    case UInt8(ascii: "P"), UInt8(ascii: "B"), UInt8(ascii: "D"), UInt8(ascii: "E"), UInt8(ascii: "C"): true
    default: false
    }
  }
}
