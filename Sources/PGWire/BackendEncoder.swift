package import SQLTypes

/// Appends backend messages to a buffer that the connection's thread sends and empties.
///
/// A data row is written in place, without an allocation per value:
/// ```
/// out.beginRow(columnCount: 2)
/// out.value(span)            // or null(), or beginValue(), append to `bytes`, endValue()
/// out.null()
/// out.endRow()
/// ```
package struct BackendEncoder {
  private var buffer = MessageBuffer()
  private var valueIndex = -1                   // where the open value's length lies, or -1
  private var missingValues = 0                 // values that the open row still needs

  package init() {}

  /// Everything written and not yet removed. Between `beginValue` and `endValue` a formatter appends to it.
  package var bytes: [UInt8] {
    get { buffer.bytes }
    _modify { yield &buffer.bytes }
  }

  /// Empties the buffer after it was sent, and keeps its memory unless one large answer made it grow.
  package mutating func removeAll(keepingAtMost capacity: Int = 1 << 20) {
    buffer.bytes.removeAll(keepingCapacity: buffer.bytes.capacity <= capacity)
  }

  // MARK: Startup

  /// `S` or `N`, the one-byte answer to SSLRequest and GSSENCRequest.
  package mutating func encryptionAnswer(accepts: Bool) {
    buffer.byte(accepts ? UInt8(ascii: "S") : UInt8(ascii: "N"))
  }

  package mutating func authentication(_ request: AuthenticationRequest) {
    buffer.begin("R")
    switch request {
    case .ok: buffer.int32(0)
    case .cleartextPassword: buffer.int32(3)
    case .md5Password(let salt):
      buffer.int32(5)
      buffer.bytes.append(contentsOf: salt)
    case .sasl(let mechanisms):
      buffer.int32(10)
      for mechanism in mechanisms { buffer.string(mechanism) }
      buffer.byte(0)
    case .saslContinue(let bytes):
      buffer.int32(11)
      buffer.bytes.append(contentsOf: bytes)
    case .saslFinal(let bytes):
      buffer.int32(12)
      buffer.bytes.append(contentsOf: bytes)
    }
    buffer.end()
  }

  package mutating func authenticationOk() { authentication(.ok) }

  package mutating func parameterStatus(_ name: String, _ value: String) {
    buffer.begin("S")
    buffer.string(name)
    buffer.string(value)
    buffer.end()
  }

  package mutating func backendKeyData(processID: Int32, secretKey: Int32) {
    buffer.begin("K")
    buffer.int32(processID)
    buffer.int32(secretKey)
    buffer.end()
  }

  /// Says that 3.`newestMinor` is spoken, and which of the client's protocol options are not known.
  package mutating func negotiateProtocolVersion(newestMinor: Int32, unrecognized options: [String]) {
    buffer.begin("v")
    buffer.int32(newestMinor)
    buffer.int32(Int32(options.count))
    for option in options { buffer.string(option) }
    buffer.end()
  }

  package mutating func readyForQuery(_ status: TransactionStatus) {
    buffer.begin("Z")
    buffer.byte(status.rawValue)
    buffer.end()
  }

  // MARK: Results

  package mutating func rowDescription(_ fields: [WireField]) {
    buffer.begin("T")
    buffer.count(fields.count)
    for field in fields {
      buffer.string(field.name)
      buffer.int32(field.tableOID)
      buffer.int16(field.columnNumber)
      buffer.int32(field.typeOID)
      buffer.int16(field.typeLength)
      buffer.int32(field.typeModifier)
      buffer.int16(field.format.rawValue)
    }
    buffer.end()
  }

  package mutating func beginRow(columnCount: Int) {
    buffer.begin("D")
    buffer.count(columnCount)
    missingValues = columnCount
  }

  package mutating func null() {
    missingValues -= 1
    buffer.int32(-1)
  }

  package mutating func value(_ bytes: Span<UInt8>) {
    beginValue()
    buffer.span(bytes)
    endValue()
  }

  package mutating func value(_ bytes: ArraySlice<UInt8>) {
    beginValue()
    buffer.bytes.append(contentsOf: bytes)
    endValue()
  }

  package mutating func value(_ text: String) {
    beginValue()
    buffer.bytes.append(contentsOf: text.utf8)
    endValue()
  }

  /// Begins a value whose bytes the caller appends to `bytes`.
  package mutating func beginValue() {
    precondition(valueIndex < 0, "a value is begun inside another")
    missingValues -= 1
    valueIndex = buffer.bytes.count
    buffer.int32(0)
  }

  package mutating func endValue() {
    precondition(valueIndex >= 0, "a value ends that was not begun")
    buffer.patchLength(at: valueIndex, buffer.bytes.count - valueIndex - 4)
    valueIndex = -1
  }

  package mutating func endRow() {
    precondition(missingValues == 0, "a row has another number of values than columns")
    buffer.end()
  }

  package mutating func commandComplete(_ tag: String) {
    buffer.begin("C")
    buffer.string(tag)
    buffer.end()
  }

  package mutating func emptyQueryResponse() { bare("I") }

  // MARK: Extended query

  package mutating func parseComplete() { bare("1") }
  package mutating func bindComplete() { bare("2") }
  package mutating func closeComplete() { bare("3") }
  package mutating func noData() { bare("n") }
  package mutating func portalSuspended() { bare("s") }

  package mutating func parameterDescription(_ types: [Int32]) {
    buffer.begin("t")
    buffer.count(types.count)
    for type in types { buffer.int32(type) }
    buffer.end()
  }

  // MARK: COPY

  package mutating func copyInResponse(_ format: WireFormat, columnFormats: [WireFormat]) {
    copyResponse("G", format, columnFormats)
  }
  package mutating func copyOutResponse(_ format: WireFormat, columnFormats: [WireFormat]) {
    copyResponse("H", format, columnFormats)
  }

  private mutating func copyResponse(_ type: Unicode.Scalar, _ format: WireFormat, _ columns: [WireFormat]) {
    buffer.begin(type)
    buffer.byte(UInt8(format.rawValue))
    buffer.count(columns.count)
    for column in columns { buffer.int16(column.rawValue) }
    buffer.end()
  }

  package mutating func copyData(_ bytes: ArraySlice<UInt8>) {
    beginCopyData()
    buffer.bytes.append(contentsOf: bytes)
    endCopyData()
  }

  /// Begins a CopyData whose content the caller appends to `bytes`.
  package mutating func beginCopyData() { buffer.begin("d") }
  package mutating func endCopyData() { buffer.end() }

  package mutating func copyDone() { bare("c") }

  // MARK: Errors, notices, notifications

  /// An ErrorResponse; `statement` is the text that the error's range points into.
  package mutating func error(_ error: SQLError, severity: Severity = .error, statement: String? = nil) {
    report("E", error, severity, statement)
  }

  package mutating func notice(_ notice: SQLError, severity: Severity = .warning, statement: String? = nil) {
    report("N", notice, severity, statement)
  }

  private mutating func report(
    _ type: Unicode.Scalar, _ error: SQLError, _ severity: Severity, _ statement: String?
  ) {
    buffer.begin(type)
    field("S", severity.rawValue)
    field("V", severity.rawValue)
    field("C", error.state.code)
    field("M", error.message)
    if let detail = error.detail { field("D", detail) }
    if let hint = error.hint { field("H", hint) }
    if let range = error.range, let statement { field("P", String(characterPosition(of: range.start, in: statement))) }
    buffer.byte(0)
    buffer.end()
  }

  private mutating func field(_ code: Unicode.Scalar, _ text: String) {
    buffer.byte(UInt8(ascii: code))
    buffer.string(text)
  }

  package mutating func notification(processID: Int32, channel: String, payload: String) {
    buffer.begin("A")
    buffer.int32(processID)
    buffer.string(channel)
    buffer.string(payload)
    buffer.end()
  }

  private mutating func bare(_ type: Unicode.Scalar) {
    buffer.begin(type)
    buffer.end()
  }
}

/// The number, from 1, of the character (Unicode scalar, as PostgreSQL counts) that begins at a UTF-8 offset.
package func characterPosition(of offset: Int, in text: String) -> Int {
  var position = 1
  for byte in text.utf8.prefix(max(0, offset)) where byte & 0xC0 != 0x80 { position += 1 }
  return position
}

/// The UTF-8 offset at which the character with that number, from 1, begins; the text's end if there is none.
package func utf8Offset(ofCharacter position: Int, in text: String) -> Int {
  var seen = 0
  var offset = 0
  for byte in text.utf8 {
    if byte & 0xC0 != 0x80 { seen += 1 }
    if seen >= position { return offset }
    offset += 1
  }
  return offset
}
