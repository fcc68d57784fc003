import Columnar
package import SQLTypes

/// The functions and operators, by name, and which overload a call means (PostgreSQL 15, chapter 10).
package enum FunctionTable {
  package enum Kind: Sendable { case function, prefixOperator, infixOperator }

  private static let infixOperators = byName(
    NumberOperators.infix + MathFunctions.infix + BitOperators.infix + DateTimeOperators.infix + Comparisons.infix
      + RegexpOperators.infix + [
        Overload(ScalarFunction("||", [.text, .text], .text, neverFails: true) { arguments, _ in
          FunctionOutput(.concatenate(arguments[0], arguments[1]))
        })
      ])

  private static let prefixOperators = byName(
    NumberOperators.prefix + MathFunctions.prefix + BitOperators.prefix + DateTimeOperators.prefix)

  /// A name and types mean one function of a table: its kernel is made of nothing else.
  private static func byName(_ overloads: [Overload]) -> [String: [Overload]] {
    let known = overloads.map { overload in
      var function = overload.function
      function.variant = ""
      return Overload(overload.signature, function)
    }
    return Dictionary(grouping: known, by: \.function.name)
  }

  private static let functions: [String: [Overload]] = {
    var functions: [ScalarFunction] = []
    func add(_ function: ScalarFunction) { functions.append(function) }
    for type in NumberOperators.integers + NumberOperators.floats + [.numeric(nil)] {
      add(NumberOperators.absolute("abs", type))
      if !NumberOperators.floats.contains(type) { add(NumberOperators.arithmetic("mod", .remainder, type)) }
    }
    for name in ["length", "char_length", "character_length"] {
      add(ScalarFunction(name, [.text], .integer) { arguments, _ in FunctionOutput(.characterCount(arguments[0])) })
    }
    add(ScalarFunction("octet_length", [.text], .integer) { arguments, _ in FunctionOutput(.byteLength(arguments[0])) })
    add(ScalarFunction("upper", [.text], .text) { arguments, _ in
      FunctionOutput(.changeCase(arguments[0], toUpper: true))
    })
    add(ScalarFunction("lower", [.text], .text) { arguments, _ in
      FunctionOutput(.changeCase(arguments[0], toUpper: false))
    })
    return byName(
      functions.map { Overload($0) } + StringFunctions.overloads + MathFunctions.overloads + DateTimeFunctions.overloads)
  }()

  /// All functions, and all operators, by name and the types of their arguments.
  package static let allFunctions = sorted(functions)
  package static let allOperators = sorted(prefixOperators) + sorted(infixOperators)

  private static func sorted(_ overloads: [String: [Overload]]) -> [Overload] {
    func key(_ overload: Overload) -> (String, String) {
      (overload.function.name, overload.signature.map(\.name).joined(separator: ","))
    }
    return overloads.values.joined().sorted { key($0) < key($1) }
  }

  /// `text LIKE pattern ESCAPE escape`; nil is no escape character.
  package static func like(escape: UInt8?, ignoringCase: Bool) -> ScalarFunction {
    let variant = "escape \(escape.map(String.init) ?? "")"
    return ScalarFunction(ignoringCase ? "~~*" : "~~", [.text, .text], .boolean, variant: variant) { arguments, _ in
      let result = Column.like(arguments[0], arguments[1], escape: escape, ignoringCase: ignoringCase)
      return FunctionOutput(
        result.column,
        errors: result.failures.map {
          ($0.row, SQLError(.invalidEscapeSequence, "LIKE pattern must not end with escape character"))
        })
    }
  }

  /// The overload that a call with these argument types means.
  ///
  /// - more: further overloads, of one statement alone.
  /// - Errors: 42883 where there is none, 42725 where several fit equally well.
  package static func resolve(
    _ name: String, _ kind: Kind, _ arguments: [SQLType], at range: SourceRange, more: [Overload] = []
  ) throws(SQLError) -> ScalarFunction {
    let overloads =
      switch kind {
      case .function: more.isEmpty ? functions[name] : (functions[name] ?? []) + more
      case .prefixOperator: prefixOperators[name]
      case .infixOperator: infixOperators[name]
      }
    let types = arguments.map(\.withoutModifiers)
    switch OverloadResolution.choose(overloads ?? [], types, isInfix: kind == .infixOperator) {
    case .chosen(let function): return function
    case .ambiguous: throw ambiguous(name, kind, arguments, at: range)
    case .undefined:
      // `text || anything`: the other side becomes text, as PostgreSQL's anynonarray overloads do it.
      if name == "||", kind == .infixOperator, let first = overloads?.first,
        arguments.contains(where: { $0.isText || $0 == .unknown })
      {
        return first.function
      }
      throw undefined(name, kind, arguments, at: range)
    }
  }

  /// PostgreSQL's two word orders: `function f(integer) does not exist`, `operator does not exist: integer + boolean`.
  private static func complaint(_ what: String, _ name: String, _ kind: Kind, _ arguments: [SQLType]) -> String {
    let call = signature(name, kind, arguments)
    return kind == .function ? "function \(call) \(what)" : "operator \(what): \(call)"
  }

  private static func signature(_ name: String, _ kind: Kind, _ arguments: [SQLType]) -> String {
    switch kind {
    case .function: "\(name)(\(arguments.map(\.baseName).joined(separator: ", ")))"
    case .prefixOperator: "\(name) \(arguments[0].baseName)"
    case .infixOperator: "\(arguments[0].baseName) \(name) \(arguments[1].baseName)"
    }
  }

  /// - names: those that a call gives to arguments.
  package static func undefined(
    _ name: String, _ kind: Kind, _ arguments: [SQLType], names: [String?] = [], at range: SourceRange
  ) -> SQLError {
    let noun = kind == .function ? "function" : "operator"
    let named = zip(names, arguments).map { name, type in (name.map { "\($0) => " } ?? "") + type.baseName }
    let message =
      names.isEmpty
      ? complaint("does not exist", name, kind, arguments)
      : "function \(name)(\(named.joined(separator: ", "))) does not exist"
    return SQLError(
      .undefinedFunction, message,
      hint: "No \(noun) matches the given name and argument types. You might need to add explicit type casts.", at: range)
  }

  private static func ambiguous(
    _ name: String, _ kind: Kind, _ arguments: [SQLType], at range: SourceRange
  ) -> SQLError {
    let noun = kind == .function ? "function" : "operator"
    return SQLError(
      .ambiguousFunction, complaint("is not unique", name, kind, arguments),
      hint: "Could not choose a best candidate \(noun). You might need to add explicit type casts.", at: range)
  }
}
