import Columnar
package import SQLTypes

/// The functions and operators, by name, and which overload a call means (PostgreSQL 15, chapter 10).
package enum FunctionTable {
  package enum Kind: Sendable { case function, prefixOperator, infixOperator }

  private static let integers: [SQLType] = [.smallint, .integer, .bigint]

  private static let infixOperators: [String: [ScalarFunction]] = {
    var table: [String: [ScalarFunction]] = [:]
    func add(_ function: ScalarFunction) { table[function.name, default: []].append(function) }
    let arithmetic: [(String, ArithmeticOperator)] = [
      ("+", .add), ("-", .subtract), ("*", .multiply), ("/", .divide), ("%", .remainder),
    ]
    for (name, op) in arithmetic {
      for type in integers {
        add(ScalarFunction(name, [type, type], type) { arguments, _ in
          FunctionOutput(Column.arithmetic(op, arguments[0], arguments[1]), type)
        })
      }
    }
    let comparisons: [(String, ComparisonOperator)] = [
      ("=", .equal), ("<>", .notEqual), ("<", .less), ("<=", .lessOrEqual), (">", .greater), (">=", .greaterOrEqual),
    ]
    for (name, op) in comparisons {
      for type in integers + [.text, .boolean] {
        add(ScalarFunction(name, [type, type], .boolean) { arguments, _ in
          FunctionOutput(.compare(op, arguments[0], arguments[1]))
        })
      }
    }
    add(ScalarFunction("||", [.text, .text], .text) { arguments, _ in
      FunctionOutput(.concatenate(arguments[0], arguments[1]))
    })
    return table
  }()

  private static let prefixOperators: [String: [ScalarFunction]] = [
    "-": integers.map { type in
      ScalarFunction("-", [type], type) { arguments, _ in FunctionOutput(Column.negate(arguments[0]), type) }
    },
    "+": integers.map { type in ScalarFunction("+", [type], type) { arguments, _ in FunctionOutput(arguments[0]) } },
    "@": integers.map { type in
      ScalarFunction("@", [type], type) { arguments, _ in FunctionOutput(Column.absolute(arguments[0]), type) }
    },
  ]

  private static let functions: [String: [ScalarFunction]] = {
    var table: [String: [ScalarFunction]] = [:]
    func add(_ function: ScalarFunction) { table[function.name, default: []].append(function) }
    for type in integers {
      add(ScalarFunction("abs", [type], type) { arguments, _ in FunctionOutput(Column.absolute(arguments[0]), type) })
      add(ScalarFunction("mod", [type, type], type) { arguments, _ in
        FunctionOutput(Column.arithmetic(.remainder, arguments[0], arguments[1]), type)
      })
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
    return table
  }()

  /// `text LIKE pattern ESCAPE escape`; nil is no escape character.
  package static func like(escape: UInt8?, ignoringCase: Bool) -> ScalarFunction {
    ScalarFunction(ignoringCase ? "~~*" : "~~", [.text, .text], .boolean) { arguments, _ in
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
  /// - Errors: 42883 where there is none, 42725 where several fit equally well.
  package static func resolve(
    _ name: String, _ kind: Kind, _ arguments: [SQLType], at range: SourceRange
  ) throws(SQLError) -> ScalarFunction {
    let overloads =
      switch kind {
      case .function: functions[name]
      case .prefixOperator: prefixOperators[name]
      case .infixOperator: infixOperators[name]
      }
    let candidates = (overloads ?? []).filter { $0.arguments.count == arguments.count }
    if let exact = exactMatch(candidates, kind, arguments) { return exact }
    var fitting = candidates.filter { candidate in
      zip(arguments, candidate.arguments).allSatisfy { Casts.context($0, $1) == .implicit }
    }
    // `text || anything`: the other side becomes text, as PostgreSQL's anynonarray overloads do it.
    if fitting.isEmpty, name == "||", arguments.contains(where: { $0.isText || $0 == .unknown }) { fitting = candidates }
    fitting = best(of: fitting) { candidate in
      zip(arguments, candidate.arguments).count { $0 == $1 || ($0.isText && $1.isText) }
    }
    fitting = best(of: fitting) { candidate in
      zip(arguments, candidate.arguments).count { $0 == $1 || $1.isPreferred }
    }
    if fitting.count > 1 {
      // An argument of unknown type is a text if some overload takes one there.
      for index in arguments.indices where arguments[index] == .unknown {
        let texts = fitting.filter { $0.arguments[index].isText }
        if !texts.isEmpty { fitting = texts }
      }
    }
    guard let first = fitting.first else { throw undefined(name, kind, arguments, at: range) }
    guard fitting.count == 1 else { throw ambiguous(name, kind, arguments, at: range) }
    return first
  }

  private static func exactMatch(
    _ candidates: [ScalarFunction], _ kind: Kind, _ arguments: [SQLType]
  ) -> ScalarFunction? {
    var wanted = arguments.map { type in if case .varchar = type { SQLType.text } else { type } }
    if kind == .infixOperator, wanted.contains(.unknown), let known = wanted.first(where: { $0 != .unknown }) {
      // An operator's literal is assumed to have the type of the other side.
      wanted = [known, known]
    }
    return candidates.first { $0.arguments == wanted }
  }

  private static func best(of candidates: [ScalarFunction], _ score: (ScalarFunction) -> Int) -> [ScalarFunction] {
    let top = candidates.map(score).max() ?? 0
    return candidates.filter { score($0) == top }
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

  private static func undefined(
    _ name: String, _ kind: Kind, _ arguments: [SQLType], at range: SourceRange
  ) -> SQLError {
    let noun = kind == .function ? "function" : "operator"
    return SQLError(
      .undefinedFunction, complaint("does not exist", name, kind, arguments),
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

extension SQLType {
  /// The type of its category that wins where several fit.
  fileprivate var isPreferred: Bool { self == .text || self == .boolean }
}
