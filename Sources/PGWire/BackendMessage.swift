package import SQLTypes

/// What a server sends.
package enum BackendMessage: Hashable, Sendable {
  case authentication(AuthenticationRequest)
  case parameterStatus(WireParameter)
  case backendKeyData(processID: Int32, secretKey: Int32)
  case negotiateProtocolVersion(newestMinor: Int32, unrecognized: [String])
  case readyForQuery(TransactionStatus)
  case rowDescription([WireField])
  case dataRow(WireRow)
  case commandComplete(tag: String)
  case emptyQueryResponse
  case error(ServerReport)
  case notice(ServerReport)
  case parseComplete, bindComplete, closeComplete, noData, portalSuspended
  case parameterDescription([Int32])
  case copyInResponse(WireFormat, columnFormats: [WireFormat])
  case copyOutResponse(WireFormat, columnFormats: [WireFormat])
  case copyData([UInt8])
  case copyDone
  case notification(processID: Int32, channel: String, payload: String)
}

/// One row as it came: its bytes, and where each value lies in them.
package struct WireRow: Hashable, Sendable {
  package var body: [UInt8]
  package var values: [Range<Int>?]

  package var count: Int { values.count }

  /// A value's bytes without a copy; nil for NULL.
  package subscript(index: Int) -> ArraySlice<UInt8>? { values[index].map { body[$0] } }

  /// A value in text format; nil for NULL. Bytes that are not UTF-8 show as U+FFFD.
  package func text(_ index: Int) -> String? {
    self[index].map { String(decoding: $0, as: UTF8.self) }
  }
}

/// The fields of an ErrorResponse or NoticeResponse.
package struct ServerReport: Hashable, Sendable {
  package var severity: Severity
  package var state: String
  package var message: String
  package var detail: String?
  package var hint: String?
  /// The character in the statement, from 1.
  package var position: Int?

  package init(
    severity: Severity, state: String, message: String, detail: String? = nil, hint: String? = nil, position: Int? = nil
  ) {
    self.severity = severity
    self.state = state
    self.message = message
    self.detail = detail
    self.hint = hint
    self.position = position
  }

  /// The report as an error of ours, which points at the one character that the server named.
  package func error(in statement: String? = nil) -> SQLError {
    var error = SQLError(SQLState(state), message, detail: detail, hint: hint)
    if let position, let statement {
      let start = utf8Offset(ofCharacter: position, in: statement)
      let next = position < Int.max ? utf8Offset(ofCharacter: position + 1, in: statement) : start
      error.range = SourceRange(start, next)
    }
    return error
  }
}

/// Frames and decodes what a server sends, fed in chunks of any cut.
///
/// A frame that is too large or does not decode throws 54000 or 08P01, after which nothing more can be read.
package struct BackendReader {
  private var buffer = FrameBuffer()
  private let messageByteLimit: Int
  private var failure: SQLError?

  package init(messageByteLimit: Int = 256 << 20) { self.messageByteLimit = messageByteLimit }

  package mutating func append(_ chunk: ArraySlice<UInt8>) { if failure == nil { buffer.append(chunk) } }
  package mutating func append(_ chunk: Span<UInt8>) { if failure == nil { buffer.append(chunk) } }

  /// Takes the one byte that answers SSLRequest: whether the server accepts; nil until it is there.
  package mutating func nextEncryptionAnswer() throws(SQLError) -> Bool? {
    guard buffer.count > 0 else { return nil }
    let byte = buffer.byte(at: 0)
    guard byte == UInt8(ascii: "S") || byte == UInt8(ascii: "N") else { throw .invalidMessageType(byte) }
    _ = buffer.take(1, skipping: 1)
    return byte == UInt8(ascii: "S")
  }

  /// The next message, or nil until more bytes are appended.
  package mutating func next() throws(SQLError) -> BackendMessage? {
    if let failure { throw failure }
    guard buffer.count >= 5 else { return nil }
    do throws(SQLError) {
      let type = buffer.byte(at: 0)
      let length = Int(buffer.uint32(at: 1))
      guard length >= 4, length <= Int(Int32.max) else { throw SQLError.invalidMessageLength(type: type) }
      guard length <= messageByteLimit else {
        throw SQLError.oversizedMessage(bytes: length, limit: messageByteLimit)
      }
      guard buffer.count > length else { return nil }
      return try BackendMessage(type: type, body: buffer.take(length + 1, skipping: 5))
    } catch {
      failure = error
      buffer.removeAll()
      throw error
    }
  }
}

extension BackendMessage {
  init(type: UInt8, body: [UInt8]) throws(SQLError) {
    var cursor = ByteCursor(body)
    self = try Self.decode(type, &cursor)
    try cursor.end()
  }

  private static func decode(_ type: UInt8, _ cursor: inout ByteCursor) throws(SQLError) -> BackendMessage {
    switch type {
    case UInt8(ascii: "R"): return .authentication(try AuthenticationRequest(&cursor))
    case UInt8(ascii: "S"):
      let name = try cursor.string()
      return .parameterStatus(WireParameter(name, try cursor.string()))
    case UInt8(ascii: "K"):
      let processID = try cursor.int32()
      return .backendKeyData(processID: processID, secretKey: try cursor.int32())
    case UInt8(ascii: "v"):
      let minor = try cursor.int32()
      let count = try cursor.int32()
      var options: [String] = []
      for _ in 0..<max(0, count) { options.append(try cursor.string()) }
      return .negotiateProtocolVersion(newestMinor: minor, unrecognized: options)
    case UInt8(ascii: "Z"):
      guard let status = TransactionStatus(rawValue: try cursor.byte()) else {
        throw .protocolViolation("invalid transaction status in ReadyForQuery")
      }
      return .readyForQuery(status)
    case UInt8(ascii: "T"): return .rowDescription(try fields(&cursor))
    case UInt8(ascii: "D"):
      var values: [Range<Int>?] = []
      let count = try cursor.count()
      values.reserveCapacity(count)
      for _ in 0..<count { values.append(try cursor.value()) }
      return .dataRow(WireRow(body: cursor.bytes, values: values))
    case UInt8(ascii: "C"): return .commandComplete(tag: try cursor.string())
    case UInt8(ascii: "I"): return .emptyQueryResponse
    case UInt8(ascii: "E"): return .error(try ServerReport(&cursor, severity: .error))
    case UInt8(ascii: "N"): return .notice(try ServerReport(&cursor, severity: .notice))
    case UInt8(ascii: "1"): return .parseComplete
    case UInt8(ascii: "2"): return .bindComplete
    case UInt8(ascii: "3"): return .closeComplete
    case UInt8(ascii: "n"): return .noData
    case UInt8(ascii: "s"): return .portalSuspended
    case UInt8(ascii: "t"):
      var types: [Int32] = []
      for _ in 0..<(try cursor.count()) { types.append(try cursor.int32()) }
      return .parameterDescription(types)
    case UInt8(ascii: "G"):
      let format = try overallFormat(&cursor)
      return .copyInResponse(format, columnFormats: try columnFormats(&cursor))
    case UInt8(ascii: "H"):
      let format = try overallFormat(&cursor)
      return .copyOutResponse(format, columnFormats: try columnFormats(&cursor))
    case UInt8(ascii: "d"): return .copyData(cursor.rest())
    case UInt8(ascii: "c"): return .copyDone
    case UInt8(ascii: "A"):
      let processID = try cursor.int32()
      let channel = try cursor.string()
      return .notification(processID: processID, channel: channel, payload: try cursor.string())
    default: throw .invalidMessageType(type)
    }
  }

  private static func format(_ code: Int16) throws(SQLError) -> WireFormat {
    guard let format = WireFormat(rawValue: code) else { throw .unsupportedFormatCode(code) }
    return format
  }

  private static func overallFormat(_ cursor: inout ByteCursor) throws(SQLError) -> WireFormat {
    try format(Int16(try cursor.byte()))
  }

  private static func columnFormats(_ cursor: inout ByteCursor) throws(SQLError) -> [WireFormat] {
    var formats: [WireFormat] = []
    for _ in 0..<(try cursor.count()) { formats.append(try format(try cursor.int16())) }
    return formats
  }

  private static func fields(_ cursor: inout ByteCursor) throws(SQLError) -> [WireField] {
    var fields: [WireField] = []
    for _ in 0..<(try cursor.count()) {
      var field = WireField(name: try cursor.string(), typeOID: 0, typeLength: 0)
      field.tableOID = try cursor.int32()
      field.columnNumber = try cursor.int16()
      field.typeOID = try cursor.int32()
      field.typeLength = try cursor.int16()
      field.typeModifier = try cursor.int32()
      field.format = try format(try cursor.int16())
      fields.append(field)
    }
    return fields
  }
}

extension AuthenticationRequest {
  init(_ cursor: inout ByteCursor) throws(SQLError) {
    let code = try cursor.int32()
    switch code {
    case 0: self = .ok
    case 3: self = .cleartextPassword
    case 5:
      let salt = try cursor.range(4)
      self = .md5Password(salt: Array(cursor.bytes[salt]))
    case 10:
      var mechanisms: [String] = []
      while true {
        let mechanism = try cursor.string()
        if mechanism.isEmpty { break }
        mechanisms.append(mechanism)
      }
      self = .sasl(mechanisms: mechanisms)
    case 11: self = .saslContinue(cursor.rest())
    case 12: self = .saslFinal(cursor.rest())
    default: throw .unsupported("authentication method \(code)", at: nil)
    }
  }
}

extension ServerReport {
  init(_ cursor: inout ByteCursor, severity: Severity) throws(SQLError) {
    self.init(severity: severity, state: "XX000", message: "")
    var isUnlocalized = false                   // `V` wins over `S`, which may be translated
    while true {
      let code = try cursor.byte()
      if code == 0 { return }
      let text = try cursor.string()
      switch code {
      case UInt8(ascii: "S"): if !isUnlocalized { self.severity = Severity(rawValue: text) ?? self.severity }
      case UInt8(ascii: "V"):
        self.severity = Severity(rawValue: text) ?? self.severity
        isUnlocalized = true
      case UInt8(ascii: "C"): state = text
      case UInt8(ascii: "M"): message = text
      case UInt8(ascii: "D"): detail = text
      case UInt8(ascii: "H"): hint = text
      case UInt8(ascii: "P"): position = Int(text)
      default: break                            // fields of other servers: file, line, routine, ...
      }
    }
  }
}
