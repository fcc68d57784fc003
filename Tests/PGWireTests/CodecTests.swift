import SQLTypes
import Testing

@testable import PGWire

private func startedReader(messageByteLimit: Int = 64 << 20) -> MessageReader {
  var reader = MessageReader(messageByteLimit: messageByteLimit)
  var encoder = FrontendEncoder()
  encoder.startup(StartupParameters(parameters: [WireParameter("user", "u")]))
  reader.append(encoder.bytes[...])
  _ = reader.next()
  reader.beginSession()
  return reader
}

private func readRequest(_ bytes: [UInt8]) -> Incoming? {
  var reader = startedReader()
  reader.append(bytes[...])
  return reader.next()
}

@Test func startupFramesDecodeAtEveryCut() {
  for sample in sampleStartups {
    for cut in 0..<sample.bytes.count {
      var reader = MessageReader()
      reader.append(sample.bytes[..<cut])
      #expect(reader.next() == nil)
      reader.append(sample.bytes[cut...])
      #expect(reader.next() == .message(sample.message))
      #expect(reader.unreadByteCount == 0)
    }
  }
}

@Test func typedFramesDecodeAtEveryCut() {
  for sample in sampleRequests {
    for cut in 0..<sample.bytes.count {
      var reader = startedReader()
      reader.append(sample.bytes[..<cut])
      #expect(reader.next() == nil)
      reader.append(sample.bytes[cut...])
      #expect(reader.next() == .message(sample.message))
      #expect(reader.next() == nil)
    }
  }
}

@Test func aStreamOfFramesDecodesInChunksOfAnySize() {
  let stream = sampleRequests.flatMap(\.bytes)
  for size in 1...40 {
    var reader = startedReader()
    var seen: [Incoming] = []
    for start in stride(from: 0, to: stream.count, by: size) {
      reader.append(stream[start..<min(start + size, stream.count)].span)
      while let incoming = reader.next() { seen.append(incoming) }
    }
    #expect(seen == sampleRequests.map { .message($0.message) }, "chunks of \(size)")
  }
}

@Test func theClientsEncoderWritesWhatTheServerReads() {
  var encoder = FrontendEncoder()
  encoder.query("select 'ä'")
  encoder.parse(statement: "_pg3_0", sql: "select $1", parameterTypes: [23, 0])
  encoder.bind(
    portal: "p", statement: "s", parameterFormats: [.text, .binary], values: [ascii("abc"), nil], resultFormats: [.binary])
  encoder.describe(.statement("_pg3_0"))
  encoder.describe(.portal(""))
  encoder.execute(maxRows: 50)
  encoder.execute(portal: "c", maxRows: -1)
  encoder.close(.statement("_pg3_0"))
  encoder.close(.portal("c"))
  encoder.sync()
  encoder.flush()
  encoder.password(ascii("secret\0"))
  encoder.copyData(ascii("1\ta\n")[...])
  encoder.copyData([][...])
  encoder.copyDone()
  encoder.copyFail(reason: "stop")
  let expected = sampleRequests.dropLast(2).flatMap(\.bytes)
  #expect(encoder.bytes == expected)
  encoder.removeAll()
  encoder.sslRequest()
  encoder.gssEncRequest()
  encoder.cancelRequest(processID: 7, secretKey: -2)
  #expect(encoder.bytes == sampleStartups[..<3].flatMap(\.bytes))
}

@Test func bindGivesFormatsAndValuesByNumber() throws {
  guard case .message(.bind(let bind)) = readRequest(sampleRequests[2].bytes) else {
    Issue.record("Bind does not decode")
    return
  }
  #expect(bind.value(0) == ascii("abc")[...])
  #expect(bind.value(1) == nil)
  #expect(bind.format(ofParameter: 0) == .text)
  #expect(bind.format(ofParameter: 1) == .binary)
  #expect(try bind.formats(ofResultColumns: 3) == [.binary, .binary, .binary])
  var two = bind
  two.resultFormats = [.text, .binary]
  #expect(throws: SQLError.protocolViolation("bind message has 2 result formats but query has 3 columns")) {
    try two.formats(ofResultColumns: 3)
  }
}

@Test func malformedBodiesAreErrorsAndTheNextFrameIsRead() {
  let cases: [(bytes: [UInt8], error: SQLError, isExtended: Bool)] = [
    (frame("Q", ascii("select 1")), .unterminatedString, false),
    (frame("Q", ascii("select 1\0x")), .messageTooLong, false),
    (frame("Q", ascii("select '") + [0xC3, 0x28, 0]), .invalidUTF8([0xC3, 0x28]), false),
    (frame("P", ascii("\0") + [0xFF, 0, 0, 0]), .invalidUTF8([0xFF]), true),
    (frame("P", ascii("\0select 1\0") + [0, 2, 0, 0, 0, 23]), .messageTooShort, true),
    (frame("B", ascii("\0\0") + [0, 1, 0, 2, 0, 0, 0, 0]), .unsupportedFormatCode(2), true),
    (frame("B", ascii("\0\0") + [0, 0, 0, 1, 255, 255, 255, 254, 0, 0]), .messageTooShort, true),
    (frame("B", ascii("\0\0") + [0, 0, 0, 1, 127, 255, 255, 255, 0, 0]), .messageTooShort, true),
    (
      frame("B", ascii("\0\0") + [0, 2, 0, 0, 0, 0, 0, 0, 0, 0]),
      .protocolViolation("bind message has 2 parameter formats but 0 parameters"), true
    ),
    (frame("D", ascii("X\0")), .protocolViolation("invalid DESCRIBE message subtype 88"), true),
    (frame("E", ascii("\0") + [0, 0]), .messageTooShort, true),
  ]
  for (bytes, error, isExtended) in cases {
    var reader = startedReader()
    reader.append((bytes + frame("S", []))[...])
    #expect(reader.next() == .malformed(error, inExtendedQuery: isExtended))
    #expect(reader.next() == .message(.sync))
  }
}

@Test func unframedBytesEndTheStream() {
  #expect(readRequest([0x7A]) == .unframed(.invalidMessageType(0x7A)))
  #expect(readRequest([UInt8(ascii: "Q"), 0, 0, 0, 3]) == .unframed(.invalidMessageLength(type: UInt8(ascii: "Q"))))
  #expect(readRequest([UInt8(ascii: "Q"), 255, 0, 0, 3]) == .unframed(.invalidMessageLength(type: UInt8(ascii: "Q"))))
  #expect(readRequest([UInt8(ascii: "S"), 0, 1, 0, 0]) == .unframed(.oversizedMessage(bytes: 65536, limit: 10_000)))
  var reader = startedReader(messageByteLimit: 100)
  reader.append([UInt8(ascii: "Q"), 0, 0, 0, 101][...])
  #expect(reader.next() == .unframed(.oversizedMessage(bytes: 101, limit: 100)))
  reader.append(frame("S", [])[...])
  #expect(reader.next() == nil)
  #expect(reader.unreadByteCount == 0)
}

@Test func startupFramesAreLimitedAndChecked() {
  func read(_ bytes: [UInt8]) -> Incoming? {
    var reader = MessageReader()
    reader.append(bytes[...])
    return reader.next()
  }
  #expect(read(ascii("GET / HTTP/1.1\r\n")) == .unframed(.invalidStartupLength))
  #expect(read([0x16, 3, 1, 2, 0, 1]) == .unframed(.invalidStartupLength))
  #expect(read([0, 0, 0x27, 0x11]) == .unframed(.invalidStartupLength))
  #expect(read([0, 0, 0, 7]) == .unframed(.invalidStartupLength))
  #expect(read([0, 0, 0x27, 0x10]) == nil)
  #expect(read([0, 0, 0, 8, 0, 2, 0, 0]) == .unframed(.unsupportedProtocol(major: 2, minor: 0)))
  #expect(read([0, 0, 0, 8, 0, 3, 0, 0]) == .unframed(.invalidStartupLayout))
  #expect(read([0, 0, 0, 11, 0, 3, 0, 0, 0x61, 0, 0x62]) == .unframed(.unterminatedString))
  #expect(read([0, 0, 0, 10, 0, 3, 0, 0, 0, 1]) == .unframed(.invalidStartupLayout))
}

@Test func beforeAuthenticationFramesStaySmall() {
  var reader = MessageReader()
  reader.append(sampleStartups[3].bytes[...])
  _ = reader.next()
  reader.append([UInt8(ascii: "p"), 0, 1, 0, 0][...])
  #expect(reader.next() == .unframed(.oversizedMessage(bytes: 65_536, limit: 65_535)))
}

@Test func answersDecodeAtEveryCut() throws {
  for sample in sampleAnswers {
    for cut in 0..<sample.bytes.count {
      var reader = BackendReader()
      reader.append(sample.bytes[..<cut])
      #expect(try reader.next() == nil)
      reader.append(sample.bytes[cut...])
      #expect(try reader.next() == sample.message)
      #expect(try reader.next() == nil)
    }
  }
}

@Test func theEncoderWritesPostgresBytes() {
  var out = BackendEncoder()
  out.authenticationOk()
  #expect(out.bytes == frame("R", [0, 0, 0, 0]))
  out.removeAll()
  out.readyForQuery(.idle)
  #expect(out.bytes == [0x5A, 0, 0, 0, 5, 0x49])
  out.removeAll()
  out.rowDescription([WireField(name: "id", type: .integer, tableOID: 16384, columnNumber: 2)])
  #expect(
    out.bytes
      == frame("T", [0, 1] + ascii("id\0") + [0, 0, 64, 0, 0, 2, 0, 0, 0, 23, 0, 4, 255, 255, 255, 255, 0, 0]))
  out.removeAll()
  out.beginRow(columnCount: 4)
  out.value(ascii("ab").span)
  out.null()
  out.beginValue()
  out.bytes.append(contentsOf: ascii("xyz"))
  out.endValue()
  out.value("")
  out.endRow()
  let values: [UInt8] = [0, 0, 0, 2] + ascii("ab") + [255, 255, 255, 255, 0, 0, 0, 3] + ascii("xyz") + [0, 0, 0, 0]
  #expect(out.bytes == frame("D", [0, 4] + values))
  out.removeAll()
  out.error(
    SQLError(.undefinedColumn, "column \"prise\" does not exist", hint: "Perhaps you meant \"price\".", at: SourceRange(12, 17)),
    statement: "select 'ä', prise")
  #expect(
    out.bytes
      == frame(
        "E",
        ascii(
          "SERROR\0VERROR\0C42703\0Mcolumn \"prise\" does not exist\0HPerhaps you meant \"price\".\0P12\0\0")))
  out.removeAll()
  out.copyInResponse(.text, columnFormats: [.text, .text])
  #expect(out.bytes == frame("G", [0, 0, 2, 0, 0, 0, 0]))
  out.removeAll()
  out.encryptionAnswer(accepts: false)
  #expect(out.bytes == ascii("N"))
}

@Test func positionsCountCharactersFromOne() {
  let text = "äö😀x"
  #expect(characterPosition(of: 0, in: text) == 1)
  #expect(characterPosition(of: 2, in: text) == 2)
  #expect(characterPosition(of: 4, in: text) == 3)
  #expect(characterPosition(of: 8, in: text) == 4)
  #expect(characterPosition(of: 99, in: text) == 5)
  #expect(characterPosition(of: -1, in: text) == 1)
  for offset in [0, 2, 4, 8, 9] {
    #expect(utf8Offset(ofCharacter: characterPosition(of: offset, in: text), in: text) == offset)
  }
}

@Test func zeroBytesInsideTextAreLeftOut() {
  var out = BackendEncoder()
  out.commandComplete("a\0b")
  #expect(out.bytes == frame("C", ascii("ab\0")))
}

/// Would take minutes if the buffer moved all its bytes for each chunk.
@Test func aLargeMessageInManyChunksIsRead() {
  let sql = String(repeating: "x", count: 16 << 20)
  var encoder = FrontendEncoder()
  encoder.query(sql)
  encoder.sync()
  let bytes = encoder.bytes
  var reader = startedReader()
  for start in stride(from: 0, to: bytes.count, by: 4096) {
    reader.append(bytes[start..<min(start + 4096, bytes.count)].span)
    if start < 15 << 20 { #expect(reader.next() == nil) }
  }
  #expect(reader.next() == .message(.query(sql)))
  #expect(reader.next() == .message(.sync))
}
