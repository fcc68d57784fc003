import Testing

@testable import Shell

/// A table that both Leat and psql print.
struct TableCase: Sendable, CustomTestStringConvertible {
  var name: String
  var columns: [(name: String, type: String)]
  var rows: [[String?]]
  var testDescription: String { name }

  static let typeOIDs: [String: Int32] = [
    "bool": 16, "int8": 20, "int4": 23, "text": 25, "json": 114, "float8": 701, "numeric": 1700, "timestamptz": 1184,
    "jsonb": 3802,
  ]

  static let all: [TableCase] = [
    TableCase(
      name: "plain", columns: [("id", "int4"), ("name", "text"), ("amount", "numeric")],
      rows: [["1", "apple", "7.50"], ["22", "pear", nil], ["333", nil, "-1200.00"]]),
    TableCase(name: "one-row", columns: [("?column?", "int4")], rows: [["1"]]),
    TableCase(name: "no-rows", columns: [("account", "text"), ("n", "int8")], rows: []),
    TableCase(name: "no-columns", columns: [], rows: [[], []]),
    TableCase(
      name: "lines", columns: [("id", "int4"), ("note", "text"), ("last", "text")],
      rows: [["1", "one\ntwo\nthree", "x"], ["2", "", "a\n\nb\n"], ["3", nil, nil]]),
    TableCase(
      name: "tall-headers", columns: [("a\nlonger", "int4"), ("b", "text"), ("three\nlines\nhere", "text")],
      rows: [["1", "x\ny", "z"], ["100000", "", "zzzzzzzzzz\nz"]]),
    TableCase(
      name: "wide", columns: [("名前", "text"), ("é", "text"), ("n", "int4")],
      rows: [["東京", "e\u{301}te\u{301}", "1"], ["x", "🙂 smile", "20"], ["ｆｕｌｌ", "한글", nil]]),
    TableCase(
      name: "controls", columns: [("t", "text"), ("u", "text")],
      rows: [["a\tb\tc", "1\r\n2"], ["\u{1B}[31m", "\u{9B}x\u{7F}"], ["12345678\t|", "\t"]]),
    TableCase(
      name: "quotes", columns: [("a,b", "text"), ("say \"hi\"", "text"), ("c", "text")],
      rows: [["x,y", "\"", "\\."], ["", nil, "semi;colon"], ["two\nlines", "cr\rhere", " blank "]]),
    TableCase(
      name: "numbers", columns: [("f", "float8"), ("n", "numeric"), ("b", "bool"), ("j", "json"), ("t", "timestamptz")],
      rows: [
        ["1e+20", "12345678901234567890.123", "t", "{\"a\": [1, 2]}", "2024-01-02 03:04:05+00"],
        ["NaN", "NaN", "f", "[]", nil], ["-Infinity", "0.10", nil, "null", "infinity"],
      ]),
    TableCase(
      name: "twelve-rows", columns: [("n", "int4"), ("v", "text")],
      rows: (1...12).map { ["\($0)", String(repeating: "x", count: $0)] }),
    TableCase(
      name: "long-names", columns: [("a_rather_long_column_name", "text"), ("b", "int4")], rows: [["x", "1"], ["y", "2"]]),
  ]

  /// The query that makes psql print the same table.
  var query: String {
    /// By scalar: a quote with a combining mark behind it is still a quote.
    func quoted(_ text: String, doubling: Unicode.Scalar...) -> String {
      text.unicodeScalars.map { doubling.contains($0) ? "\($0)\($0)" : "\($0)" }.joined()
    }
    func literal(_ text: String?, _ type: String) -> String {
      text.map { "E'\(quoted($0, doubling: "'", "\\"))'::\(type)" } ?? "NULL::\(type)"
    }
    let names = columns.map { "\"\(quoted($0.name, doubling: "\""))\"" }
    if columns.isEmpty { return "SELECT FROM generate_series(1, \(rows.count));\n" }
    let source =
      rows.isEmpty
      ? "SELECT " + columns.map { "NULL::\($0.type)" }.joined(separator: ", ") + " LIMIT 0"
      : "VALUES "
        + rows.map { row in "(" + zip(row, columns).map { literal($0, $1.type) }.joined(separator: ", ") + ")" }
        .joined(separator: ", ")
    return "SELECT * FROM (\(source)) AS t (\(names.joined(separator: ", ")));\n"
  }

  func rendered(_ format: ResultTable.Format, isExpanded: Bool = false) -> String {
    var table = ResultTable(
      columns: columns.map { ResultColumn(name: $0.name, typeOID: Self.typeOIDs[$0.type]!) }, format: format,
      isExpanded: isExpanded)
    for row in rows { table.append(row) }
    var output: [UInt8] = []
    table.finish(into: &output)
    return String(decoding: output, as: UTF8.self)
  }
}
