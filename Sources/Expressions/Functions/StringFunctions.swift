import Columnar
package import SQLTypes

/// PostgreSQL's functions of texts.
package enum StringFunctions {
  static let overloads: [Overload] = parts + made + codes

  private static func function(
    _ name: String, _ arguments: [SQLType], _ result: SQLType = .text, _ kernel: @escaping @Sendable ([Column]) -> CheckedResult
  ) -> Overload {
    Overload(ScalarFunction(name, arguments, result) { arguments, _ in FunctionOutput(kernel(arguments)) })
  }

  private static let parts: [Overload] = {
    var overloads: [Overload] = []
    let sides: [(String, TextSide)] = [("btrim", .both), ("ltrim", .leading), ("rtrim", .trailing)]
    for (name, side) in sides {
      overloads.append(Overload(ScalarFunction(name, [.text], .text) { arguments, count in
        FunctionOutput(Column.trim(arguments[0], .constant(text: " ", count: count), side))
      }))
      overloads.append(function(name, [.text, .text]) { Column.trim($0[0], $0[1], side) })
    }
    for name in ["substr", "substring"] {
      overloads.append(function(name, [.text, .integer]) { Column.substring($0[0], from: $0[1], length: nil) })
      overloads.append(function(name, [.text, .integer, .integer]) { Column.substring($0[0], from: $0[1], length: $0[2]) })
    }
    return overloads + [
      function("left", [.text, .integer]) { Column.edge($0[0], $0[1], isLeft: true) },
      function("right", [.text, .integer]) { Column.edge($0[0], $0[1], isLeft: false) },
      function("split_part", [.text, .text, .integer]) { Column.splitPart($0[0], $0[1], $0[2]) },
    ]
  }()

  private static let made: [Overload] = {
    var overloads: [Overload] = []
    for (name, isLeft) in [("lpad", true), ("rpad", false)] {
      overloads.append(Overload(ScalarFunction(name, [.text, .integer], .text) { arguments, count in
        FunctionOutput(Column.pad(arguments[0], arguments[1], .constant(text: " ", count: count), isLeft: isLeft))
      }))
      overloads.append(function(name, [.text, .integer, .text]) { Column.pad($0[0], $0[1], $0[2], isLeft: isLeft) })
    }
    return overloads + [
      function("replace", [.text, .text, .text]) { Column.replace($0[0], $0[1], $0[2]) },
      function("reverse", [.text]) { Column.reverse($0[0]) },
      function("repeat", [.text, .integer]) { Column.repeated($0[0], $0[1]) },
      function("translate", [.text, .text, .text]) { Column.translate($0[0], $0[1], $0[2]) },
      function("initcap", [.text]) { Column.initialCapitals($0[0]) },
      function("overlay", [.text, .text, .integer]) { Column.overlay($0[0], $0[1], $0[2], nil) },
      function("overlay", [.text, .text, .integer, .integer]) { Column.overlay($0[0], $0[1], $0[2], $0[3]) },
    ]
  }()

  private static let codes: [Overload] = [
    function("strpos", [.text, .text], .integer) { Column.position(of: $0[1], in: $0[0]) },
    function("position", [.text, .text], .integer) { Column.position(of: $0[1], in: $0[0]) },
    function("starts_with", [.text, .text], .boolean) { Column.startsWith($0[0], $0[1]) },
    function("ascii", [.text], .integer) { Column.firstCodePoint($0[0]) },
    function("chr", [.integer]) { Column.character($0[0]) },
    function("to_hex", [.integer]) { Column.hexDigits($0[0]) },
    function("to_hex", [.bigint]) { Column.hexDigits($0[0]) },
    function("md5", [.text]) { Column.md5($0[0]) },
    Overload(ScalarFunction("quote_literal", [.text], .text, neverFails: true) { arguments, _ in
      FunctionOutput(.quotedLiterals(arguments[0]))
    }),
    Overload(ScalarFunction("pg_size_pretty", [.bigint], .text, neverFails: true) { arguments, _ in
      FunctionOutput(.prettySizes(arguments[0]))
    }),
  ]

  /// `concat` or `concat_ws` of so many arguments, of which booleans stay as they are and all others become texts; nil for
  /// another name. A separator is the first argument of `concat_ws`.
  package static func concatenation(_ name: String, _ types: [SQLType]) -> ScalarFunction? {
    let hasSeparator = name == "concat_ws"
    guard hasSeparator || name == "concat", !types.isEmpty else { return nil }
    let arguments = types.enumerated().map { index, type in
      type == .boolean && !(hasSeparator && index == 0) ? SQLType.boolean : .text
    }
    return ScalarFunction(name, arguments, .text, variant: "") { arguments, count in
      FunctionOutput(
        Column.concatenate(
          hasSeparator ? Array(arguments.dropFirst()) : arguments, separator: hasSeparator ? arguments[0] : nil,
          count: count))
    }
  }
}
