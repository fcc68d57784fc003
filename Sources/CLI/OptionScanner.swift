internal import CGetopt
internal import Glibc
internal import SQLTypes
internal import Synchronization

/// The options and operands of one command, as glibc's getopt_long takes them apart.
struct ScannedOptions {
  private(set) var command: CommandSpec
  /// In the order given; those from the environment, which the command line did not name, come first.
  private(set) var options: [(spec: OptionSpec, value: String)] = []
  private(set) var operands: [String] = []
  /// How many of `options` came from the environment.
  private var environmentCount = 0

  // getopt_long keeps its place in C globals.
  private static let lock = Mutex(())

  init(_ arguments: [String], of command: CommandSpec, environment: [String: String]) throws(UsageError) {
    self.command = command
    let result = Self.lock.withLock { _ in Result<Self, UsageError> { () throws(UsageError) in try scanned(arguments) } }
    self = try result.get()
    let missing = command.options.filter { spec in !options.contains { $0.spec == spec } }
    let settings = missing.compactMap { spec in spec.environment.flatMap { environment[$0] }.map { (spec, $0) } }
    options = settings + options
    environmentCount = settings.count
  }

  private func scanned(_ arguments: [String]) throws(UsageError) -> Self {
    var copy = self
    let vector = CStrings([command.title] + arguments)
    let table = LongOptions(command.options)
    leat_getopt_reset()
    while true {
      let code = unsafe getopt_long(Int32(vector.count), vector.pointer, shortOptions, table.pointer, nil)
      if code == -1 { break }
      let last = arguments.indices.contains(Int(leat_getopt_next_index()) - 2) ? arguments[Int(leat_getopt_next_index()) - 2] : ""
      let value = unsafe leat_getopt_argument().map { unsafe String(cString: $0) } ?? ""
      switch code {
      case 1: copy.operands.append(value)
      case Int32(UInt8(ascii: "?")): throw refused(last)
      case Int32(UInt8(ascii: ":")): throw valueMissing()
      default: if let spec = option(code) { copy.options.append((spec, value)) }
      }
    }
    copy.operands += arguments.dropFirst(Int(leat_getopt_next_index()) - 1)
    return copy
  }

  /// `-` gives operands in their place, as option 1; `:` tells a missing value from an unknown option.
  private var shortOptions: String {
    "-:" + command.options.map { spec in spec.short.map { "\($0)\(spec.value == nil ? "" : ":")" } ?? "" }.joined()
  }

  /// The option that getopt_long means: a long one by its place in the table, a short one by its letter.
  private func option(_ code: Int32) -> OptionSpec? {
    if code >= LongOptions.firstCode { return command.options[Int(code - LongOptions.firstCode)] }
    return command.options.first { $0.short.map { Int32($0.asciiValue ?? 0) == code } ?? false }
  }

  // MARK: Values

  func has(_ name: String) -> Bool { options.contains { $0.spec.name == name } }

  func isOnCommandLine(_ name: String) -> Bool { options.dropFirst(environmentCount).contains { $0.spec.name == name } }

  /// The value given last.
  func value(_ name: String) -> String? { options.last { $0.spec.name == name }?.value }

  func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = value(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      let limits = range.upperBound == .max ? "from \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
      throw error("option \"--\(name)\" needs a whole number \(limits), not \"\(text)\"")
    }
    return number
  }

  /// One of the option's choices.
  func choice(_ name: String) throws(UsageError) -> String? {
    guard let text = value(name), let spec = command.options.first(where: { $0.name == name }) else { return nil }
    guard spec.choices.contains(text) else {
      throw error(
        "option \"--\(name)\" does not know \"\(text)\"",
        hint: "It knows \(spec.choices.joined(separator: ", ")).")
    }
    return text
  }

  func refuseOperands() throws(UsageError) {
    if let operand = operands.first { throw error("unexpected argument \"\(operand)\"") }
  }

  // MARK: Errors

  func error(_ message: String, hint: String? = nil) -> UsageError {
    UsageError(program: command.title, message: message, hint: hint)
  }

  /// An unknown or ambiguous option, or one with a value that it does not take; `argument` is what holds it.
  private func refused(_ argument: String) -> UsageError {
    let code = leat_getopt_character()
    if code >= LongOptions.firstCode, let spec = option(code) {
      return error("option \"--\(spec.name)\" takes no value")
    }
    if code != 0 { return error("unknown option \"-\(Character(Unicode.Scalar(UInt8(truncatingIfNeeded: code))))\"") }
    let name = String(argument.dropFirst(2).prefix { $0 != "=" })
    let names = command.options.map(\.name)
    let meant = names.filter { $0.hasPrefix(name) }
    if meant.count > 1 {
      return error("option \"--\(name)\" is ambiguous", hint: "It could be --\(meant.joined(separator: ", --")).")
    }
    return error("unknown option \"--\(name)\"", hint: Nearest.hint(for: name, among: names, prefix: "--"))
  }

  private func valueMissing() -> UsageError {
    guard let spec = option(leat_getopt_character()) else { return error("an option needs a value") }
    return error("option \"--\(spec.name)\" needs a value, \(spec.value ?? "")")
  }
}

/// C strings in an array with a nil at its end, as `main` gets them.
@safe private struct CStrings: ~Copyable {
  let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  let count: Int

  init(_ texts: [String]) {
    count = texts.count
    unsafe pointer = .allocate(capacity: count + 1)
    for (index, text) in texts.enumerated() { unsafe (pointer + index).initialize(to: strdup(text)) }
    unsafe (pointer + count).initialize(to: nil)
  }

  /// getopt_long may have put the strings in another order; each is still there once.
  deinit {
    for index in 0..<count { unsafe free(pointer[index]) }
    unsafe pointer.deallocate()
  }
}

/// getopt_long's table of long options.
@safe private struct LongOptions: ~Copyable {
  /// Long options are numbered from here, above all letters.
  static let firstCode: Int32 = 256

  let pointer: UnsafeMutablePointer<option>
  private let names: CStrings

  init(_ specs: [OptionSpec]) {
    names = CStrings(specs.map(\.name))
    unsafe pointer = .allocate(capacity: specs.count + 1)
    for (index, spec) in specs.enumerated() {
      let entry = unsafe option(
        name: names.pointer[index], has_arg: spec.value == nil ? 0 : 1, flag: nil, val: Self.firstCode + Int32(index))
      unsafe (pointer + index).initialize(to: entry)
    }
    unsafe (pointer + specs.count).initialize(to: option())
  }

  deinit { unsafe pointer.deallocate() }
}
