import SQLTypes

extension ShellLoop {
  /// Runs a statement and shows its results.
  ///
  /// - destination: where its results go instead, as `\g` says.
  /// - expanded: whether they stand in expanded form; nil: as `\x` says.
  /// - input: data for COPY FROM STDIN; nil: they follow the statement.
  func run(
    _ text: String, to destination: MetaCommand.Destination? = nil, expanded: Bool? = nil,
    input: (() -> [UInt8]?)? = nil
  ) -> Flow {
    lastStatement = text
    guard let destination else { return show(text, expanded, input, on: output) }
    do throws(ShellError) {
      let file = ShellOutput(terminal: output.terminal)
      try file.open(destination)
      defer { file.close() }
      return show(text, expanded, input, on: file)
    } catch { return failed(error) }
  }

  private func show(
    _ text: String, _ expanded: Bool?, _ input: (() -> [UInt8]?)?, on output: ShellOutput
  ) -> Flow {
    var result = ResultWriter(format: settings.format, isExpanded: expanded ?? isExpanded, output: output)
    let start = clock.now
    defer {
      // A statement may have changed the catalog.
      completion?.forget()
      if showsTiming { self.output.say("Time: \(Self.milliseconds(start.duration(to: clock.now))) ms\n") }
    }
    do throws(SQLError) {
      try target.run(text, input: input ?? { self.nextCopyLine() }) { event in
        if case .notice(let severity, let notice) = event {
          showError(notice.rendered(as: severity, in: text) + "\n")
        } else {
          result.take(event)
        }
      }
      return .goOn
    } catch {
      result.abandon()
      showError(error.rendered(in: text) + "\n")
      errorCount += 1
      if error.state == .connectionFailure { return .end(status: ShellStatus.disconnected) }
      return stopsAtErrors ? .end(status: ShellStatus.failed) : .goOn
    }
  }

  /// The shell's own error, shown as errors of SQL are.
  func failed(_ error: ShellError) -> Flow {
    showError(error.rendered + "\n")
    errorCount += 1
    return stopsAtErrors ? .end(status: ShellStatus.failed) : .goOn
  }

  /// Data behind `COPY … FROM STDIN;`: the script's next lines, up to one that is `\.`.
  private func nextCopyLine() -> [UInt8]? {
    var line = splitter.takeLine()
    if line == nil, files.isEmpty, case .line(let typed) = editor.readLine(prompt: settings.isInteractive ? ">> " : "") {
      line = typed
    }
    guard let line, line != "\\." else { return nil }
    return Array(line.utf8) + [.newline]
  }

  private static func milliseconds(_ duration: Duration) -> String {
    let microseconds = duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000
    let digits = String(microseconds % 1000)
    return "\(microseconds / 1000).\(String(repeating: "0", count: 3 - digits.utf8.count))\(digits)"
  }
}

/// Makes the text of results while they come.
///
/// Rows of an ordinary result are kept until it ends, for they decide the widths; those of a followed relation, which may
/// have no end, are shown when no more wait. The weight of `EMIT CHANGES` is shown as `+`, `-`, `+2`.
struct ResultWriter {
  private static let bytesKept = 1 << 20

  let format: ResultTable.Format
  let isExpanded: Bool
  let output: ShellOutput
  private var table: ResultTable?
  /// `EMIT CHANGES`, and `SUBSCRIBE` whose rows begin with their tick.
  private var isFollowed = false
  private var marksWeights = false
  private var hasCopied = false

  init(format: ResultTable.Format, isExpanded: Bool, output: ShellOutput) {
    self.format = format
    self.isExpanded = isExpanded
    self.output = output
  }

  mutating func take(_ event: StatementEvent) {
    switch event {
    case .columns(var columns):
      let names = columns.prefix(2).map(\.name)
      isFollowed = names.first == "leat_diff" || names == ["leat_tick", "leat_diff"]
      marksWeights = names.first == "leat_diff" && format == .aligned
      if marksWeights { columns[0] = ResultColumn(name: "", typeOID: 25) }
      table = ResultTable(columns: columns, format: format, isExpanded: isExpanded)
    case .row(var row):
      if marksWeights, let weight = row[0].flatMap({ Int64($0) }) { row[0] = Self.mark(weight) }
      table?.append(row)
      // CSV and JSON need no widths.
      if format != .aligned, let bytes = table?.bufferedBytes, bytes > Self.bytesKept { flush() }
    case .pause: if isFollowed { flush() }
    case .copyData(let bytes):
      hasCopied = true
      output.write(bytes)
    case .notice: break
    case .complete(let tag):
      // What was copied is data for somebody else, in which a tag would be a row.
      if tag.hasPrefix("COPY "), hasCopied || output.isElsewhere {
        if output.isElsewhere { output.say(tag + "\n") }
        hasCopied = false
      } else if table == nil {
        if format == .aligned { output.write(Array((tag + "\n").utf8)) }
      } else {
        finish()
      }
    }
  }

  /// The statement has failed: rows of a followed relation are shown, others are dropped, as psql does.
  mutating func abandon() {
    if isFollowed { flush() }
    table = nil
  }

  private mutating func flush() {
    var text: [UInt8] = []
    table?.flush(into: &text)
    output.write(text)
  }

  private mutating func finish() {
    var text: [UInt8] = []
    table?.finish(into: &text)
    table = nil
    output.write(text)
  }

  private static func mark(_ weight: Int64) -> String {
    let sign = weight < 0 ? "-" : "+"
    return weight.magnitude == 1 ? sign : "\(sign)\(weight.magnitude)"
  }
}
