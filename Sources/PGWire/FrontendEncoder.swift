/// Appends frontend messages to a buffer that the client sends and empties.
package struct FrontendEncoder {
  private var buffer = MessageBuffer()

  package init() {}

  package var bytes: [UInt8] { buffer.bytes }
  package mutating func removeAll() { buffer.bytes.removeAll(keepingCapacity: buffer.bytes.capacity <= 1 << 20) }

  package mutating func sslRequest() { special(5679) { _ in } }
  package mutating func gssEncRequest() { special(5680) { _ in } }
  package mutating func cancelRequest(processID: Int32, secretKey: Int32) {
    special(5678) { buffer in
      buffer.int32(processID)
      buffer.int32(secretKey)
    }
  }

  private mutating func special(_ code: Int32, _ body: (inout MessageBuffer) -> Void) {
    buffer.beginUntyped()
    buffer.int32(1234 << 16 | code)
    body(&buffer)
    buffer.end()
  }

  package mutating func startup(_ startup: StartupParameters) {
    buffer.beginUntyped()
    buffer.int32(3 << 16 | Int32(startup.minorVersion))
    for parameter in startup.parameters where !parameter.name.isEmpty {
      buffer.string(parameter.name)
      buffer.string(parameter.value)
    }
    for option in startup.protocolOptions {
      buffer.string(option)
      buffer.string("")
    }
    buffer.byte(0)
    buffer.end()
  }

  package mutating func query(_ sql: String) {
    buffer.begin("Q")
    buffer.string(sql)
    buffer.end()
  }

  package mutating func parse(statement: String = "", sql: String, parameterTypes: [Int32] = []) {
    buffer.begin("P")
    buffer.string(statement)
    buffer.string(sql)
    buffer.count(parameterTypes.count)
    for type in parameterTypes { buffer.int32(type) }
    buffer.end()
  }

  /// Binds values given as bytes, nil for NULL; formats as in `BindMessage`.
  package mutating func bind(
    portal: String = "", statement: String = "", parameterFormats: [WireFormat] = [], values: [[UInt8]?],
    resultFormats: [WireFormat] = []
  ) {
    buffer.begin("B")
    buffer.string(portal)
    buffer.string(statement)
    formats(parameterFormats)
    buffer.count(values.count)
    for value in values {
      guard let value else {
        buffer.int32(-1)
        continue
      }
      buffer.int32(Int32(clamping: value.count))
      buffer.bytes.append(contentsOf: value)
    }
    formats(resultFormats)
    buffer.end()
  }

  private mutating func formats(_ formats: [WireFormat]) {
    buffer.count(formats.count)
    for format in formats { buffer.int16(format.rawValue) }
  }

  package mutating func describe(_ target: WireTarget) { self.target("D", target) }
  package mutating func close(_ target: WireTarget) { self.target("C", target) }

  private mutating func target(_ type: Unicode.Scalar, _ target: WireTarget) {
    buffer.begin(type)
    switch target {
    case .statement(let name):
      buffer.byte(UInt8(ascii: "S"))
      buffer.string(name)
    case .portal(let name):
      buffer.byte(UInt8(ascii: "P"))
      buffer.string(name)
    }
    buffer.end()
  }

  package mutating func execute(portal: String = "", maxRows: Int32 = 0) {
    buffer.begin("E")
    buffer.string(portal)
    buffer.int32(maxRows)
    buffer.end()
  }

  package mutating func sync() { bare("S") }
  package mutating func flush() { bare("H") }
  package mutating func terminate() { bare("X") }
  package mutating func copyDone() { bare("c") }

  package mutating func password(_ bytes: [UInt8]) { raw("p", bytes[...]) }
  package mutating func copyData(_ bytes: ArraySlice<UInt8>) { raw("d", bytes) }
  package mutating func copyFail(reason: String) {
    buffer.begin("f")
    buffer.string(reason)
    buffer.end()
  }

  private mutating func raw(_ type: Unicode.Scalar, _ bytes: ArraySlice<UInt8>) {
    buffer.begin(type)
    buffer.bytes.append(contentsOf: bytes)
    buffer.end()
  }

  private mutating func bare(_ type: Unicode.Scalar) {
    buffer.begin(type)
    buffer.end()
  }
}
