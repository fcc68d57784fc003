/// Writes trees as SQL text in the dialect's first spelling; `parse(print(tree)) == tree`.
///
/// Every rule appends to one text. Parentheses stand where precedence needs them, and around every operand that is
/// neither a name, a literal nor a call where that keeps the rule plain.
package struct Printer {
  var text = ""

  package static func print(_ statement: Statement) -> String {
    var printer = Printer()
    printer.statement(statement)
    return printer.text
  }
  package static func print(_ query: Query) -> String {
    var printer = Printer()
    printer.query(query)
    return printer.text
  }
  package static func print(_ expression: Expr) -> String {
    var printer = Printer()
    printer.expr(expression)
    return printer.text
  }
  package static func print(_ type: TypeName) -> String {
    var printer = Printer()
    printer.type(type)
    return printer.text
  }

  mutating func put(_ parts: String...) { for part in parts { text += part } }

  mutating func list<Element>(_ items: [Element], _ separator: String = ", ", _ body: (inout Printer, Element) -> Void) {
    for (index, item) in items.enumerated() {
      if index > 0 { text += separator }
      body(&self, item)
    }
  }

  // MARK: names and literals

  /// Words that are not reserved but mean something where a name may stand.
  private static let contextual: Set<String> = [
    "emit", "rollup", "cube", "try_cast", "tumble", "hop", "cumulate", "session", "within", "asof", "watermark",
    "descriptor", "operator", "set", "partition", "rows", "range", "groups", "struct", "map", "setof", "double", "data",
    "materialized", "recursive", "extended", "all", "current", "at", "binary", "prepare", "next", "prior", "first",
    "last", "absolute", "relative", "forward", "backward", "normalized", "document", "xmltable", "json_table",
    "constraint", "like", "exclude", "time", "transaction", "local", "names", "schema", "role", "constraints", "insert",
    "update", "delete", "nothing", "sets", "metadata", "headers", "key", "generated", "create", "system_time", "temp",
    "temporary", "if", "by",
  ]

  mutating func name(_ identifier: Identifier) { name(identifier.name) }

  mutating func name(_ name: String) {
    let isPlain =
      Self.isPlainWord(name) && Keywords.canNameColumn(name) && Keywords.canNameFunction(name)
      && !Self.contextual.contains(name)
    text += isPlain ? name : Self.quoted(name)
  }

  private static func isPlainWord(_ name: String) -> Bool {
    guard let first = name.utf8.first, first == 95 || (first >= 97 && first <= 122) else { return false }
    return name.utf8.allSatisfy { $0 == 95 || ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) }
  }

  private static func quoted(_ name: String) -> String {
    var result = "\""
    for scalar in name.unicodeScalars {
      if scalar == "\"" { result += "\"\"" } else { result.unicodeScalars.append(scalar) }
    }
    return result + "\""
  }

  mutating func name(_ object: ObjectName) { names(object.parts) }

  mutating func names(_ parts: [Identifier]) { list(parts, ".") { $0.name($1) } }

  mutating func columns(_ names: [Identifier]) {
    put("(")
    list(names) { $0.name($1) }
    put(")")
  }

  mutating func string(_ value: String) {
    text += "'"
    for scalar in value.unicodeScalars {
      if scalar == "'" { text += "''" } else { text.unicodeScalars.append(scalar) }
    }
    text += "'"
  }

  // MARK: types

  /// Types whose keywords may have no modifier behind them; their internal names may, and the binder refuses it.
  private static let takingNoModifier: Set<String> = ["bool", "int2", "int4", "int8", "float4", "float8"]

  mutating func type(_ type: TypeName) {
    let spellings = [
      "bool": "BOOLEAN", "int2": "SMALLINT", "int4": "INTEGER", "int8": "BIGINT", "float4": "REAL",
      "float8": "DOUBLE PRECISION", "numeric": "NUMERIC", "bpchar": "CHAR", "varchar": "VARCHAR",
      "timestamp": "TIMESTAMP", "timestamptz": "TIMESTAMPTZ", "time": "TIME", "timetz": "TIMETZ",
      "interval": "INTERVAL", "bit": "BIT", "varbit": "BIT VARYING", "text": "TEXT", "date": "DATE", "uuid": "UUID",
      "json": "JSON", "jsonb": "JSONB", "bytea": "BYTEA",
    ]
    if !type.fields.isEmpty {
      put(type.name.uppercased(), "<")
      list(type.fields) { printer, field in
        if type.name != "map" {
          printer.name(field.name)
          printer.put(" ")
        }
        printer.type(field.type)
      }
      put(">")
    } else if type.name == "bpchar", type.modifiers.isEmpty {
      put("bpchar")
    } else if type.parts.count == 1, let spelling = spellings[type.name],
      type.modifiers.isEmpty || !Self.takingNoModifier.contains(type.name)
    {
      put(spelling)
    } else {
      names(type.parts)
    }
    if let fields = type.intervalFields { put(" ", fields.rawValue) }
    if !type.modifiers.isEmpty {
      put("(")
      list(type.modifiers) { $0.put(String($1)) }
      put(")")
    }
    for dimension in type.arrayDimensions { put("[", dimension.map(String.init) ?? "", "]") }
  }

  // MARK: options

  mutating func withOptions(_ items: [Option]) {
    guard !items.isEmpty else { return }
    put(" WITH ")
    options(items, " = ")
  }

  mutating func options(_ items: [Option], _ separator: String) {
    put("(")
    list(items) { printer, option in
      let isPlain = option.name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy {
        Self.isPlainWord(String($0))
      }
      if isPlain { printer.put(option.name) } else { printer.string(option.name) }
      if let value = option.value {
        printer.put(separator)
        printer.expr(value)
      }
    }
    put(")")
  }
}
