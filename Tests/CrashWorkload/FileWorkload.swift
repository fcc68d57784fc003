package import Engine
import Foundation
package import SQLTypes
import TestSupport

/// Two files that grow while an engine follows them: a stream's, and a keyed table's. Each is a function of the seed, cut off
/// anywhere, also within a line; so a model knows what every relation holds once the engine has read all whole lines.
package struct FileWorkload: Sendable {
  private enum File: String { case lines, names }

  private let seed: UInt64
  private let directory: String
  private static let kinds: UInt64 = 8
  private static let patienceSeconds = 30.0

  /// - directory: that of the files, which is made.
  package init(seed: UInt64, directory: String) {
    self.seed = seed
    self.directory = directory
    try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    for file in [File.lines, .names] where !FileManager.default.fileExists(atPath: path(file)) {
      let isMade = FileManager.default.createFile(atPath: path(file), contents: nil)
      precondition(isMade, "the workload's files can be made")
    }
  }

  private func path(_ file: File) -> String { "\(directory)/\(file).jsonl" }

  // MARK: content

  private static let queries = [
    "line_count": "SELECT count(*) AS n, sum(amount) AS total FROM lines",
    "by_kind": "SELECT kind, count(*) AS n, sum(amount) AS total FROM lines GROUP BY kind",
    "named": "SELECT l.n, t.name FROM lines l JOIN names t ON l.kind = t.kind",
  ]

  /// Run before the files are appended to.
  package var preparation: [String] {
    [
      """
      CREATE STREAM IF NOT EXISTS lines (n INT NOT NULL, kind INT NOT NULL, amount INT NOT NULL)
      WITH (connector = 'file', path = '\(path(.lines))', format = 'json', follow = true)
      """,
      """
      CREATE TABLE IF NOT EXISTS names (kind INT PRIMARY KEY, name TEXT)
      WITH (connector = 'file', path = '\(path(.names))', format = 'json', envelope = 'upsert', follow = true)
      """,
    ] + ["line_count", "by_kind", "named"].map { "CREATE MATERIALIZED VIEW IF NOT EXISTS \($0) AS \(Self.queries[$0] ?? "")" }
  }

  private struct Line { var kind: UInt64, amount: UInt64, isGood: Bool }

  private func line(_ number: Int) -> Line {
    var random = SeededRandom(seed: seed &* 1_000_003 &+ UInt64(number))
    return Line(kind: random.next() % Self.kinds, amount: random.next() % 100, isGood: random.next() % 16 > 0)
  }

  private func text(_ file: File, _ number: Int) -> String {
    let line = line(number)
    switch file {
    case .lines where line.isGood: return "{\"n\": \(number), \"kind\": \(line.kind), \"amount\": \(line.amount)}\n"
    case .lines: return "{\"n\": \(number), \"kind\": \"none\"}\n"
    case .names where line.amount < 25: return "{\"key\": {\"kind\": \(line.kind)}, \"value\": null}\n"
    case .names: return "{\"key\": {\"kind\": \(line.kind)}, \"value\": {\"name\": \"n\(line.amount)\"}}\n"
    }
  }

  private func wholeLines(_ file: File) -> Int {
    FileManager.default.contents(atPath: path(file)).map { $0.count(where: { $0 == UInt8(ascii: "\n") }) } ?? 0
  }

  /// The sorted rows of each relation once all whole lines are taken in.
  private var content: [String: [String]] {
    let numbers = (0..<wholeLines(.lines)).filter { line($0).isGood }
    var names: [UInt64: UInt64] = [:]
    for line in (0..<wholeLines(.names)).map(line) { names[line.kind] = line.amount < 25 ? nil : line.amount }
    let lines = numbers.map { (number: $0, line: line($0)) }
    func total(_ lines: [(number: Int, line: Line)]) -> String { "\(lines.count)|\(lines.reduce(0) { $0 + $1.line.amount })" }
    return [
      "lines": lines.map { "\($0.number)|\($0.line.kind)|\($0.line.amount)" }.sorted(),
      "names": names.map { "\($0)|n\($1)" }.sorted(),
      "line_count": [lines.isEmpty ? "0|null" : total(lines)],
      "by_kind": Dictionary(grouping: lines) { $0.line.kind }.map { "\($0)|\(total($1))" }.sorted(),
      "named": lines.compactMap { line in names[line.line.kind].map { "\(line.number)|n\($0)" } }.sorted(),
    ]
  }

  // MARK: the writer

  /// Appends to both files for ever, in pieces that end anywhere, and tells how many lines the engine shows.
  package func run(_ session: Session, shows: (Int) -> Void) throws {
    var random = SeededRandom(seed: UInt64.random(in: 0 ... .max))
    var files = try [File.lines, .names].map { file in
      (file: file, next: 0, rest: [UInt8](), handle: try FileHandle(forWritingTo: URL(filePath: path(file))))
    }
    for index in files.indices {
      // What is there is the beginning of the same text.
      var left = Int(try files[index].handle.seekToEnd())
      while left >= files[index].rest.count {
        left -= files[index].rest.count
        files[index].rest = Array(text(files[index].file, files[index].next).utf8)
        files[index].next += 1
      }
      files[index].rest.removeFirst(left)
    }
    while true {
      for index in files.indices {
        let count = 1 + Int(random.next() % 200)
        while files[index].rest.count < count {
          files[index].rest += Array(text(files[index].file, files[index].next).utf8)
          files[index].next += 1
        }
        try files[index].handle.write(contentsOf: files[index].rest.prefix(count))
        files[index].rest.removeFirst(count)
      }
      if let count = try lineCount(session) { shows(count) }
      usleep(UInt32(random.next() % 4000))
    }
  }

  // MARK: the engine

  private func lineCount(_ session: Session) throws(SQLError) -> Int? {
    try session.sortedLines("SELECT n FROM line_count")?.first.flatMap { Int($0) }
  }

  /// Looks at an engine that has just been opened, and again when it has read on to the files' ends.
  ///
  /// - shown: how many lines an engine on the directory has shown to somebody.
  /// - Returns: what is wrong; nil if nothing is.
  package func fault(shown: Int, _ session: Session) throws(SQLError) -> String? {
    // Before the sources have read on: what was shown is in logged ticks.
    let count = try lineCount(session) ?? 0
    if count < shown { return "\(shown) lines were shown, and \(count) are there" }
    for statement in preparation { try session.run(statement) { _ in } }
    let (expected, refused) = (content, (0..<wholeLines(.lines)).count(where: { !line($0).isGood }))
    let end = Date(timeIntervalSinceNow: Self.patienceSeconds)
    while true {
      let difference = try difference(expected, refused, session)
      if difference == nil || Date() > end { return difference }
      usleep(2000)
    }
  }

  private func difference(_ expected: [String: [String]], _ refused: Int, _ session: Session) throws(SQLError) -> String? {
    for (name, rows) in expected {
      for query in ["SELECT * FROM \(name)", Self.queries[name]].compactMap(\.self) {
        let found = try session.sortedLines(query)
        if found != rows { return "\(query) gives \(found?.count ?? 0) rows, which are not those of the files' lines: \(rows.count)" }
      }
    }
    let found = try session.sortedLines("SELECT refused_rows FROM leat.sources WHERE name = 'lines'")
    return found == ["\(refused)"] ? nil : "\(refused) lines are bad, not \(found ?? [])"
  }

}
