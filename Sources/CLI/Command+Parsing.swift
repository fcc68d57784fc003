internal import SQLTypes

extension Command {
  /// Reads the arguments behind the program's name.
  package static func parse(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws(UsageError) -> Command {
    guard let name = arguments.first, !name.hasPrefix("-") else {
      if arguments.first == "--version" { return .version }
      return try parse(CommandSpec.shell, arguments, environment)
    }
    guard !name.isEmpty, let spec = CommandSpec.named(name) else {
      let names = CommandSpec.all.map(\.name).filter { !$0.isEmpty }
      throw UsageError(
        program: "leat", message: "unknown command \"\(name)\"", hint: Nearest.hint(for: name, among: names))
    }
    return try parse(spec, Array(arguments.dropFirst()), environment)
  }

  private static func parse(
    _ spec: CommandSpec, _ arguments: [String], _ environment: [String: String]
  ) throws(UsageError) -> Command {
    let options = try ScannedOptions(arguments, of: spec, environment: environment)
    if options.has("help") { return .help(spec) }
    switch spec.name {
    case "serve": return .serve(try ServeOptions(options))
    case "sql": return .sql(try SQLOptions(options))
    case "run": return .run(try RunOptions(options))
    case "spec": return .spec(try SpecOptions(options))
    case "bench": return .bench(try BenchOptions(options))
    case "version":
      try options.refuseOperands()
      return .version
    case "help": return try help(options)
    default: return .shell(try ShellOptions(options))
    }
  }

  private static func help(_ options: ScannedOptions) throws(UsageError) -> Command {
    guard let topic = options.operands.first else { return .help(nil) }
    guard options.operands.count == 1 else { throw options.error("unexpected argument \"\(options.operands[1])\"") }
    guard !topic.isEmpty, let spec = CommandSpec.named(topic) else {
      throw options.error(
        "unknown command \"\(topic)\"", hint: Nearest.hint(for: topic, among: CommandSpec.all.map(\.name)))
    }
    return .help(spec)
  }
}

extension ShellOptions {
  init(_ options: ScannedOptions) throws(UsageError) {
    try options.refuseOperands()
    if let place = options.value("data") { data = DataPlace(place) }
    variables = try options.variables()
    workers = try options.workers()
  }
}

extension ServeOptions {
  init(_ options: ScannedOptions) throws(UsageError) {
    try options.refuseOperands()
    if let place = options.value("data") { data = DataPlace(place) }
    if let address = options.value("host") { host = address }
    if let port = try options.integer("pg-port", in: 0...65_535) { pgPort = port }
    if let port = try options.integer("http-port", in: 0...65_535) { httpPort = port == 0 ? nil : port }
    workers = try options.workers()
  }
}

extension SQLOptions {
  init(_ options: ScannedOptions) throws(UsageError) {
    try options.refuseOperands()
    if let place = options.value("data") {
      if options.isOnCommandLine("host") || options.isOnCommandLine("port") {
        throw options.error("options \"--data\" and \"--host\" or \"--port\" exclude each other")
      }
      target = .data(DataPlace(place))
    } else {
      let port = try options.integer("port", in: 1...65_535)
      target = .server(host: options.value("host") ?? "127.0.0.1", port: port ?? 5488)
      if options.isOnCommandLine("workers") {
        throw options.error("option \"--workers\" is for an engine in this process", hint: "Give it to leat serve, or use --data.")
      }
    }
    workers = try options.workers()
    for (spec, value) in options.options {
      if spec.name == "command" { scripts.append(.text(value)) }
      if spec.name == "file" { scripts.append(value == "-" ? .standardInput : .file(value)) }
    }
    variables = try options.variables()
    format = try options.format()
  }
}

extension RunOptions {
  init(_ options: ScannedOptions) throws(UsageError) {
    guard let file = options.operands.first else { throw options.error("a file of statements is missing") }
    guard options.operands.count == 1 else { throw options.error("unexpected argument \"\(options.operands[1])\"") }
    self.file = file
    if let text = options.value("for") {
      if options.has("until-idle") { throw options.error("options \"--for\" and \"--until-idle\" exclude each other") }
      guard let time = Duration(text) else {
        throw options.error("option \"--for\" needs a time such as 10s, 500ms, 2m or 1h, not \"\(text)\"")
      }
      end = .after(time)
    }
    if let place = options.value("data") { data = DataPlace(place) }
    variables = try options.variables()
    format = try options.format()
    workers = try options.workers()
  }
}

extension SpecOptions {
  init(_ options: ScannedOptions) throws(UsageError) {
    if options.operands.isEmpty { throw options.error("a file is missing") }
    files = options.operands
    keepsViews = options.has("views")
    isJSON = options.has("json")
  }
}

extension BenchOptions {
  init(_ options: ScannedOptions) throws(UsageError) {
    guard options.operands == ["nexmark"] else {
      throw options.error("which benchmark?", hint: "There is one: leat bench nexmark.")
    }
    if let directory = options.value("write") {
      if options.has("query") { throw options.error("options \"--write\" and \"--query\" exclude each other") }
      let seed = try options.integer("seed", in: 0...Int.max) ?? 42
      work = .write(directory: directory, seed: UInt64(seed))
    } else {
      guard let query = try options.choice("query") else { throw options.error("option \"--query\" is missing") }
      guard let input = options.value("input") else { throw options.error("option \"--input\" is missing") }
      work = .query(query, input: input)
    }
    if let count = try options.integer("events", in: 1...Int.max) { events = count }
    isPreloaded = options.has("preload")
    workers = try options.workers()
    if let name = try options.choice("sink"), let chosen = Sink(rawValue: name) { sink = chosen }
  }
}

extension ScannedOptions {
  fileprivate func workers() throws(UsageError) -> Int { try integer("workers", in: 1...1024) ?? 1 }

  fileprivate func format() throws(UsageError) -> OutputFormat {
    if has("csv"), has("json") { throw error("options \"--csv\" and \"--json\" exclude each other") }
    return has("csv") ? .csv : has("json") ? .json : .aligned
  }

  fileprivate func variables() throws(UsageError) -> [VariableSetting] {
    var variables: [VariableSetting] = []
    for (spec, text) in options where spec.name == "variable" {
      guard let sign = text.firstIndex(of: "="), sign > text.startIndex, text[..<sign].utf8.allSatisfy(isNameByte) else {
        throw error("option \"--variable\" needs NAME=VALUE, not \"\(text)\"")
      }
      variables.append(VariableSetting(name: String(text[..<sign]), value: String(text[text.index(after: sign)...])))
    }
    return variables
  }

  /// What psql allows in a variable's name.
  private func isNameByte(_ byte: UInt8) -> Bool {
    let scalar = Unicode.Scalar(byte)
    return byte >= 0x80 || byte == UInt8(ascii: "_") || ("0"..."9").contains(scalar)
      || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
  }
}

extension Duration {
  /// Reads `10s`, `500ms`, `2m`, `1h`; a number alone is seconds.
  init?(_ text: String) {
    let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let number = Int64(String(digits) ?? ""), number <= 1_000_000_000 else { return nil }
    switch String(text.utf8.dropFirst(digits.count)) {
    case "ms": self = .milliseconds(number)
    case "s", "": self = .seconds(number)
    case "m": self = .seconds(number * 60)
    case "h": self = .seconds(number * 3600)
    default: return nil
    }
  }
}
