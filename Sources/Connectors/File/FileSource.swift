package import Platform
package import SQLTypes

/// Reads files of JSON lines; each is a partition.
///
/// Partitions get their numbers when they are found, in byte order of their paths. Up to 16 are read in turn, a batch of each,
/// by number: so that the event times of partitions that were written side by side arrive side by side. With `follow` the
/// source looks for appended bytes and for new files for ever, otherwise it ends at the end of the last file.
///
/// A file that shrinks, vanishes, or is replaced, or whose beginning is not what was read before a restart, stops the source.
package final class FileSource: Source {
  package let spec: SourceSpec
  private let options: FileOptions
  private let limits: LineBlocks.Limits
  private let thread = SourceThread()

  init(_ spec: SourceSpec, _ options: FileOptions, limits: LineBlocks.Limits = .init()) {
    self.spec = spec
    self.options = options
    self.limits = limits
  }

  package func start(
    from partitions: [PartitionPosition], into queue: BoundedQueue<SourceEvent>
  ) throws(SQLError) {
    if partitions.isEmpty, !options.follow, try Self.paths(options.path).isEmpty { throw .noFile(options.path) }
    let (spec, options, limits) = (spec, options, limits)
    try thread.start(named: "file \(spec.relation)", queue) { output throws(SourceEnd) in
      let reader = FileReader(spec, options, limits, output)
      try reader.run(from: partitions)
    }
  }

  package func stop() { thread.stop() }

  package func makeReplay() -> any SourceReplay { FileReplay(spec, options, limits) }

  /// The regular files that a path matches; a path without a pattern must lead to one.
  static func paths(_ pattern: String) throws(SQLError) -> [String] {
    do throws(PlatformError) {
      if isPathPattern(pattern) {
        return try matchingPaths(pattern).filter { path in (try? FileIdentity(path))?.isRegular == true }
      }
      if try FileIdentity(pattern).isRegular { return [pattern] }
    } catch {
      throw .file("open", pattern, error)
    }
    throw SQLError(.wrongObjectType, "\"\(pattern)\" is not a regular file")
  }
}

/// The work of a file source's thread.
private final class FileReader {
  private static let partitionsAtOnce = 16
  private static let batchesBetweenLooks = 64
  /// Between two looks for more to follow; doubles from the first to the last while nothing happens.
  private static let waitMilliseconds: ClosedRange<Int64> = 5...100

  private let options: FileOptions
  private let limits: LineBlocks.Limits
  private let output: SourceOutput
  private let decoder: RecordDecoder
  private var partitions: [FilePartition] = []
  private var knownPaths: Set<String> = []
  private var nextNumber = 0
  /// Partitions whose end was told, and which have not grown since.
  private var atEnd: Set<Int> = []

  init(_ spec: SourceSpec, _ options: FileOptions, _ limits: LineBlocks.Limits, _ output: SourceOutput) {
    self.options = options
    self.limits = limits
    self.output = output
    decoder = RecordDecoder(spec, options.envelope)
  }

  func run(from known: [PartitionPosition]) throws(SourceEnd) {
    for position in known.sorted(by: { $0.partition < $1.partition }) { try open(position) }
    var wait = Self.waitMilliseconds.lowerBound
    while true {
      try discover()
      let unread = try partitionsWithMore()
      if unread.isEmpty {
        if !options.follow { return }
        try output.wait(milliseconds: wait)
        wait = min(wait * 2, Self.waitMilliseconds.upperBound)
        continue
      }
      wait = Self.waitMilliseconds.lowerBound
      try read(unread)
    }
  }

  private func open(_ position: PartitionPosition) throws(SourceEnd) {
    let partition = try output.failing(in: position.partition) { () throws(SQLError) in
      try FilePartition(position, options, limits: limits) { output.isStopped }
    }
    if output.isStopped { throw .stopped }
    partition.rest()
    partitions.append(partition)
    knownPaths.insert(position.name)
    nextNumber = max(nextNumber, position.partition + 1)
  }

  /// Opens files that were not there before. Without `follow` only the first look counts.
  private func discover() throws(SourceEnd) {
    if !options.follow, !partitions.isEmpty { return }
    let found = try output.failing(in: nil) { () throws(SQLError) in
      do throws(SQLError) {
        return try FileSource.paths(options.path)
      } catch {
        if options.follow, error.state == .undefinedFile { return [] }
        throw error
      }
    }
    for path in found where !knownPaths.contains(path) {
      let position = PartitionPosition(partition: nextNumber, name: path)
      try output.send(.discovered(position))
      try open(position)
    }
  }

  /// The partitions that something is left to read of, or whose end has yet to be told.
  private func partitionsWithMore() throws(SourceEnd) -> [FilePartition] {
    var unread: [FilePartition] = []
    for partition in partitions {
      if !atEnd.contains(partition.partition) {
        unread.append(partition)
      } else if options.follow,
        try output.failing(in: partition.partition, { () throws(SQLError) in try partition.hasMore() })
      {
        atEnd.remove(partition.partition)
        unread.append(partition)
      }
    }
    return unread
  }

  /// Reads the partitions in turn until all are at their ends; with `follow` only so long that new files are found in time.
  private func read(_ unread: [FilePartition]) throws(SourceEnd) {
    var waiting = unread[...]
    var active: [FilePartition] = []
    var batches = 0
    repeat {
      while active.count < Self.partitionsAtOnce, let next = waiting.popFirst() { active.append(next) }
      var left: [FilePartition] = []
      for partition in active {
        let batch = try output.failing(in: partition.partition) { () throws(SQLError) in try partition.next(decoder) }
        if let batch {
          try output.send(.rows(batch))
          left.append(partition)
          batches += 1
        } else {
          partition.rest()
          atEnd.insert(partition.partition)
          let number = partition.partition
          try output.send(options.follow ? .caughtUp(partition: number) : .partitionEnded(partition: number))
        }
        if output.isStopped { throw .stopped }
      }
      active = left
    } while !(active.isEmpty && waiting.isEmpty) && !(options.follow && batches >= Self.batchesBetweenLooks)
  }
}

/// Reads what a file source read before.
private final class FileReplay: SourceReplay {
  private let options: FileOptions
  private let limits: LineBlocks.Limits
  private let decoder: RecordDecoder
  /// The partition that the last call ended in, to go on from there.
  private var partition: FilePartition?

  init(_ spec: SourceSpec, _ options: FileOptions, _ limits: LineBlocks.Limits) {
    self.options = options
    self.limits = limits
    decoder = RecordDecoder(spec, options.envelope)
  }

  func next(_ from: PartitionPosition, to: [UInt8]) throws(SQLError) -> SourceBatch? {
    guard let start = FilePosition(from.position), let end = FilePosition(to), end.offset >= start.offset else {
      throw .badPosition(of: from.name)
    }
    var reader = partition
    partition = nil
    if reader?.path != from.name || reader?.position != start { reader = try FilePartition(from, options, limits: limits) }
    guard let reader else { return nil }
    let batch = try reader.next(decoder, upTo: end.offset)
    if batch == nil {
      if reader.position != end { throw .changed(from.name, end.offset) }
      reader.rest()
    }
    partition = reader
    return batch
  }
}
