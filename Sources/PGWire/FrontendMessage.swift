package import SQLTypes

/// What a client sends.
///
/// | type | body                                                                                           |
/// |------|------------------------------------------------------------------------------------------------|
/// | `Q`  | sql                                                                                            |
/// | `P`  | statement, sql, count:2, parameter type oid:4 ...                                              |
/// | `B`  | portal, statement, count:2, format:2 ..., count:2, (length:4, bytes) ..., count:2, format:2 ... |
/// | `D`, `C` | `S` or `P`, name                                                                           |
/// | `E`  | portal, row limit:4                                                                            |
/// | `d`, `f`, `p`, `F` | bytes; reason; bytes; bytes                                                      |
/// | `S`, `H`, `X`, `c` | nothing; a body is ignored                                                       |
///
/// Names, SQL and reasons are UTF-8 with a zero byte behind.
package enum FrontendMessage: Hashable, Sendable {
  case startup(StartupParameters)
  case sslRequest
  case gssEncRequest
  case cancelRequest(processID: Int32, secretKey: Int32)
  case query(String)
  case parse(statement: String, sql: String, parameterTypes: [Int32])
  case bind(BindMessage)
  case describe(WireTarget)
  case execute(portal: String, maxRows: Int)
  case close(WireTarget)
  case sync
  case flush
  case terminate
  /// A password or a SASL message; only the authentication at hand knows which.
  case password([UInt8])
  case copyData([UInt8])
  case copyDone
  case copyFail(reason: String)
  case functionCall
}

/// What Describe and Close name.
package enum WireTarget: Hashable, Sendable {
  case statement(String)
  case portal(String)
}

/// The startup packet: the version that the client wants and its settings, in its order.
package struct StartupParameters: Hashable, Sendable {
  package var minorVersion: Int
  /// `user`, `database`, `options`, and any setting by name.
  package var parameters: [WireParameter]
  /// Names of protocol extensions (`_pq_.…`); none is known here.
  package var protocolOptions: [String]

  package init(minorVersion: Int = 0, parameters: [WireParameter], protocolOptions: [String] = []) {
    self.minorVersion = minorVersion
    self.parameters = parameters
    self.protocolOptions = protocolOptions
  }

  /// The value given last for a name.
  package subscript(name: String) -> String? {
    parameters.last { $0.name == name }?.value
  }

  package var user: String { self["user"] ?? "" }
  /// The database, which is named like the user unless the client says otherwise.
  package var database: String {
    if let database = self["database"], !database.isEmpty { return database }
    return user
  }
}

/// A Bind message; values stay where they lie in its body.
package struct BindMessage: Hashable, Sendable {
  package var portal: String
  package var statement: String
  /// None: all text; one: for all parameters; else one for each.
  package var parameterFormats: [WireFormat]
  /// Where each value lies in `body`; nil for NULL.
  package var values: [Range<Int>?]
  /// None: all text; one: for all columns; else one for each.
  package var resultFormats: [WireFormat]
  package var body: [UInt8]

  package var parameterCount: Int { values.count }

  package func format(ofParameter index: Int) -> WireFormat {
    parameterFormats.count > 1 ? parameterFormats[index] : parameterFormats.first ?? .text
  }

  /// A value's bytes without a copy; nil for NULL.
  package func value(_ index: Int) -> ArraySlice<UInt8>? {
    values[index].map { body[$0] }
  }

  /// The format of each of `count` result columns; 08P01 if the client gave another number of formats.
  package func formats(ofResultColumns count: Int) throws(SQLError) -> [WireFormat] {
    switch resultFormats.count {
    case 0: return Array(repeating: .text, count: count)
    case 1: return Array(repeating: resultFormats[0], count: count)
    case count: return resultFormats
    default:
      throw .protocolViolation(
        "bind message has \(resultFormats.count) result formats but query has \(count) columns")
    }
  }
}

extension FrontendMessage {
  /// Decodes the body of a typed frame.
  init(type: UInt8, body: [UInt8]) throws(SQLError) {
    var cursor = ByteCursor(body)
    switch type {
    case UInt8(ascii: "Q"): self = .query(try cursor.string())
    case UInt8(ascii: "P"): self = try Self.parse(&cursor)
    case UInt8(ascii: "B"): self = .bind(try BindMessage(&cursor))
    case UInt8(ascii: "D"): self = .describe(try Self.target(&cursor, of: "DESCRIBE"))
    case UInt8(ascii: "C"): self = .close(try Self.target(&cursor, of: "CLOSE"))
    case UInt8(ascii: "E"):
      let portal = try cursor.string()
      self = .execute(portal: portal, maxRows: max(0, Int(try cursor.int32())))
    case UInt8(ascii: "S"): self = .sync
    case UInt8(ascii: "H"): self = .flush
    case UInt8(ascii: "X"): self = .terminate
    case UInt8(ascii: "p"): self = .password(cursor.rest())
    case UInt8(ascii: "d"): self = .copyData(cursor.rest())
    case UInt8(ascii: "c"): self = .copyDone
    case UInt8(ascii: "f"): self = .copyFail(reason: try cursor.string())
    case UInt8(ascii: "F"): self = .functionCall
    default: throw .invalidMessageType(type)
    }
    switch self {
    case .query, .parse, .bind, .describe, .execute, .close, .copyFail: try cursor.end()
    case .startup, .sslRequest, .gssEncRequest, .cancelRequest, .sync, .flush, .terminate, .password, .copyData,
      .copyDone, .functionCall:
      break
    }
  }

  /// Decodes a startup frame without its length: code and body.
  init(startup body: [UInt8]) throws(SQLError) {
    var cursor = ByteCursor(body)
    let code = UInt32(bitPattern: try cursor.int32())
    switch code {
    case 1234 << 16 | 5678:
      let processID = try cursor.int32()
      self = .cancelRequest(processID: processID, secretKey: try cursor.int32())
      try cursor.end()
    case 1234 << 16 | 5679: self = .sslRequest
    case 1234 << 16 | 5680: self = .gssEncRequest
    default:
      let (major, minor) = (Int(code >> 16), Int(code & 0xFFFF))
      guard major == 3 else { throw .unsupportedProtocol(major: major, minor: minor) }
      var startup = StartupParameters(minorVersion: minor, parameters: [])
      while true {
        guard cursor.remaining > 0 else { throw .invalidStartupLayout }
        let name = try cursor.string()
        if name.isEmpty { break }
        let value = try cursor.string()
        if name.hasPrefix("_pq_.") {
          startup.protocolOptions.append(name)
        } else {
          startup.parameters.append(WireParameter(name, value))
        }
      }
      guard cursor.remaining == 0 else { throw .invalidStartupLayout }
      self = .startup(startup)
    }
  }

  private static func parse(_ cursor: inout ByteCursor) throws(SQLError) -> FrontendMessage {
    let statement = try cursor.string()
    let sql = try cursor.string()
    var types: [Int32] = []
    for _ in 0..<(try cursor.count()) { types.append(try cursor.int32()) }
    return .parse(statement: statement, sql: sql, parameterTypes: types)
  }

  private static func target(_ cursor: inout ByteCursor, of message: String) throws(SQLError) -> WireTarget {
    let kind = try cursor.byte()
    let name = try cursor.string()
    switch kind {
    case UInt8(ascii: "S"): return .statement(name)
    case UInt8(ascii: "P"): return .portal(name)
    default: throw .protocolViolation("invalid \(message) message subtype \(kind)")
    }
  }
}

extension BindMessage {
  init(_ cursor: inout ByteCursor) throws(SQLError) {
    portal = try cursor.string()
    statement = try cursor.string()
    parameterFormats = try Self.formats(&cursor)
    values = []
    for _ in 0..<(try cursor.count()) { values.append(try cursor.value()) }
    guard parameterFormats.count <= 1 || parameterFormats.count == values.count else {
      throw .protocolViolation(
        "bind message has \(parameterFormats.count) parameter formats but \(values.count) parameters")
    }
    resultFormats = try Self.formats(&cursor)
    body = cursor.bytes
  }

  private static func formats(_ cursor: inout ByteCursor) throws(SQLError) -> [WireFormat] {
    var formats: [WireFormat] = []
    for _ in 0..<(try cursor.count()) {
      let code = try cursor.int16()
      guard let format = WireFormat(rawValue: code) else { throw .unsupportedFormatCode(code) }
      formats.append(format)
    }
    return formats
  }
}
