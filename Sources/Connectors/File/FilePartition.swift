internal import Columnar
internal import JSONScan
internal import Platform
internal import SQLTypes

/// One file, read from a position on: its bytes in, batches out.
///
/// A line that the file's end cuts off waits for its rest while the file is followed, and is a whole line otherwise. Empty lines
/// are passed over. A line longer than `limits.lineBytes` is a bad row.
final class FilePartition {
  let partition: Int
  let path: String
  private let options: FileOptions
  private var file: OpenFile?
  private let identity: FileIdentity
  private var lines: LineBlocks
  private var hash = PrefixHash()
  /// The line that is being passed over because it is too long.
  private var tooLong: (offset: Int, payload: [UInt8])?

  /// Opens the file and goes to the position, reading what comes before it to prove that it is what was read then.
  ///
  /// - isStopped: asked between blocks; if it says so, the partition stays where it is.
  /// - Errors: 58P01, 42501 and 58030 where the file cannot be opened or read, 42809 where it is no regular file, XX001 where
  ///   its beginning is not what was read.
  init(
    _ at: PartitionPosition, _ options: FileOptions, limits: LineBlocks.Limits, isStopped: () -> Bool = { false }
  ) throws(SQLError) {
    partition = at.partition
    path = at.name
    self.options = options
    guard let position = FilePosition(at.position) else { throw .badPosition(of: at.name) }
    lines = LineBlocks(at: position.offset, limits: limits)
    let opened = try OpenFile(at.name)
    file = opened
    identity = opened.identity
    try prove(position, isStopped)
  }

  /// The position behind what was handed out.
  var position: FilePosition { FilePosition(hash) }

  /// Reads the bytes before `position` and compares their hash.
  private func prove(_ position: FilePosition, _ isStopped: () -> Bool) throws(SQLError) {
    if identity.byteCount < position.offset { throw .shrunk(path, position.offset) }
    var prefix = LineBlocks(at: 0, limits: LineBlocks.Limits(blockBytes: 1 << 20, lineBytes: 1 << 20))
    var endsLine = true
    while prefix.offset < position.offset, !isStopped() {
      if try fill(&prefix, upTo: position.offset) == 0 { throw .shrunk(path, position.offset) }
      let range = prefix.unconsumed
      endsLine = prefix.bytes(range.upperBound - 1..<range.upperBound, atMost: 1) == [10]
      prefix.consume(range.count, &hash)
    }
    if isStopped() { return }
    if hash.digest != position.digest { throw .changed(path, position.offset) }
    // A last line without a line feed was taken as it stood; what was appended since belongs to it.
    if !endsLine, identity.byteCount > position.offset { throw .changed(path, position.offset) }
  }

  private func fill(_ blocks: inout LineBlocks, upTo end: Int) throws(SQLError) -> Int {
    let file = try open()
    do throws(PlatformError) {
      return try blocks.fill(from: file.descriptor, upTo: end)
    } catch {
      throw .file("read", path, error)
    }
  }

  /// The open file; opened again after a `rest`.
  private func open() throws(SQLError) -> OpenFile {
    if let file { return file }
    let opened = try OpenFile(path)
    if !opened.identity.isSameFile(as: identity) { throw .replaced(path) }
    file = opened
    return opened
  }

  /// Gives the descriptor back until there is more to read.
  func rest() { file = nil }

  /// Looks at the file behind the path: whether it is still the one that is read, and whether it has grown.
  ///
  /// - Errors: XX001 where it shrank or another file has taken its place, 58P01 where there is none.
  func hasMore() throws(SQLError) -> Bool {
    let now: FileIdentity
    do throws(PlatformError) {
      now = try FileIdentity(path)
    } catch {
      throw .file("read", path, error)
    }
    if !now.isSameFile(as: identity) { throw .replaced(path) }
    if now.byteCount < lines.readOffset { throw .shrunk(path, lines.readOffset) }
    return now.byteCount > lines.readOffset
  }

  /// The next batch; nil at the end of what there is.
  ///
  /// - end: the offset where a replay ends, nil to read to the file's end.
  /// - Errors: as `init`, and with `on_error = 'stop'` the first bad row's.
  func next(_ decoder: RecordDecoder, upTo end: Int? = nil) throws(SQLError) -> SourceBatch? {
    while true {
      if let line = tooLong {
        let rest = lines.endOfLine()
        lines.consume(rest ?? lines.unconsumed.count, &hash)
        if rest != nil { return tell(line, decoder) }
      } else if !lines.unconsumed.isEmpty {
        if let batch = try decode(decoder, isFinal: false) { return batch }
        if lines.hasTooLongLine {
          tooLong = (lines.offset, lines.bytes(lines.unconsumed, atMost: RowError.payloadLimit))
          continue
        }
      }
      if try fill(&lines, upTo: end ?? .max) > 0 { continue }
      if let end {
        if lines.readOffset < end { throw .shrunk(path, end) }
      } else {
        if try hasMore() { continue }
        if options.follow { return nil }
      }
      if let line = tooLong { return tell(line, decoder) }
      if lines.unconsumed.isEmpty { return nil }
      return try decode(decoder, isFinal: true)
    }
  }

  /// Decodes from the block; nil if it holds no whole line.
  private func decode(_ decoder: RecordDecoder, isFinal: Bool) throws(SQLError) -> SourceBatch? {
    let range = lines.unconsumed
    var rows = decoder.decode(lines.block, range, isFinal: isFinal)
    if rows.byteCount == 0 { return nil }
    if options.onError == .stop, let fault = rows.faults.first {
      if fault.bytes.lowerBound == range.lowerBound {
        let offset = lines.blockOffset + fault.bytes.lowerBound
        throw SQLError(
          fault.error.state, fault.error.message, detail: "The record is at byte \(offset) of \"\(path)\".",
          hint: "on_error = 'log' goes on after bad records.")
      }
      rows = decoder.decode(lines.block, range.lowerBound..<fault.bytes.lowerBound, isFinal: true)
    }
    let blockOffset = lines.blockOffset
    let errors = rows.faults.map { fault in
      RowError(
        offset: Int64(blockOffset + fault.bytes.lowerBound), state: fault.error.state, message: fault.error.message,
        payload: lines.bytes(fault.bytes, atMost: RowError.payloadLimit))
    }
    lines.consume(rows.byteCount, &hash)
    return SourceBatch(
      partition: partition, batch: Batch(count: rows.count, columns: rows.columns), deletions: rows.deletions,
      offsets: rows.offsets(from: blockOffset), positionAfter: position.bytes, errors: errors, byteCount: rows.byteCount)
  }

  /// The batch that holds only the error of a line that is too long.
  private func tell(_ line: (offset: Int, payload: [UInt8]), _ decoder: RecordDecoder) -> SourceBatch {
    tooLong = nil
    let error = RowError(
      offset: Int64(line.offset), state: .programLimitExceeded,
      message: "line is longer than \(lines.limits.lineBytes) bytes", payload: line.payload)
    return SourceBatch(
      partition: partition, batch: decoder.emptyBatch(), deletions: decoder.emptyDeletions(),
      offsets: Column(.int64, count: 0, values: Buffer(byteCount: 0)), positionAfter: position.bytes, errors: [error],
      byteCount: lines.offset - line.offset)
  }
}

/// A descriptor that several hands hold, and which file it is of.
private final class OpenFile {
  let descriptor: FileDescriptor
  let identity: FileIdentity

  init(_ path: String) throws(SQLError) {
    do throws(PlatformError) {
      descriptor = try FileDescriptor(opening: path, .read)
      identity = try FileIdentity(descriptor)
    } catch {
      throw .file("open", path, error)
    }
    if !identity.isRegular { throw SQLError(.wrongObjectType, "\"\(path)\" is not a regular file") }
  }
}
