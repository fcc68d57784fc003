import Foundation
import TestSupport
import Testing

@testable import Shell

@Suite(.serialized) struct ResultTableTests {
  static let alignments = "SET timezone = 'UTC';\n"

  @Test(arguments: TableCase.all)
  func tableIsAlignedAsByPsql(_ table: TableCase) throws {
    let golden = try Golden.psql("\(table.name).aligned", arguments: [], script: Self.alignments + table.query)
    #expect(table.rendered(.aligned) == golden)
  }

  @Test(arguments: TableCase.all)
  func expandedTableIsAsByPsql(_ table: TableCase) throws {
    let golden = try Golden.psql("\(table.name).expanded", arguments: ["-x"], script: Self.alignments + table.query)
    #expect(table.rendered(.aligned, isExpanded: true) == golden)
  }

  @Test(arguments: TableCase.all)
  func csvIsAsByPsql(_ table: TableCase) throws {
    let golden = try Golden.psql("\(table.name).csv", arguments: ["--csv"], script: Self.alignments + table.query)
    #expect(table.rendered(.csv) == golden)
  }

  @Test func expandedCSVIsAsByPsql() throws {
    let table = TableCase.all.first { $0.name == "quotes" }!
    let golden = try Golden.psql("quotes.expanded-csv", arguments: ["--csv", "-x"], script: table.query)
    #expect(table.rendered(.csv, isExpanded: true) == golden)
  }

  @Test(.enabled(if: Golden.hasServer, "PGHOST names no server to ask"), arguments: 0..<40)
  func randomTableIsAsByPsql(seed: Int) throws {
    var generator = SeededRandom(seed: UInt64(seed))
    let pieces = ["a", "xyz", " ", "\n", "\t", "\r", "é", "東", "\u{301}", "🙂", "|", "+", "\"", ",", "\\.", "\u{1}", "0"]
    func text() -> String {
      (0..<Int.random(in: 0...7, using: &generator)).map { _ in pieces.randomElement(using: &generator)! }.joined()
    }
    let columns = (0..<Int.random(in: 1...4, using: &generator)).map { index in
      (name: "c\(index)" + text(), type: Bool.random(using: &generator) ? "text" : "int4")
    }
    let rows = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
      columns.map { column -> String? in
        if Int.random(in: 0..<6, using: &generator) == 0 { return nil }
        return column.type == "text" ? text() : "\(Int32.random(in: -999...99999, using: &generator))"
      }
    }
    let table = TableCase(name: "random", columns: columns, rows: rows)
    let aligned = try Golden.runPsql(arguments: [], script: table.query)
    #expect(table.rendered(.aligned) == aligned)
    let expanded = try Golden.runPsql(arguments: ["-x"], script: table.query)
    #expect(table.rendered(.aligned, isExpanded: true) == expanded)
    let csv = try Golden.runPsql(arguments: ["--csv"], script: table.query)
    #expect(table.rendered(.csv) == csv)
  }

  @Test func jsonHasOneObjectARowWithNumbersUnquoted() {
    #expect(
      TableCase.all.first { $0.name == "numbers" }!.rendered(.json) == """
        {"f":1e+20,"n":12345678901234567890.123,"b":true,"j":{"a": [1, 2]},"t":"2024-01-02 03:04:05+00"}
        {"f":"NaN","n":"NaN","b":false,"j":[],"t":null}
        {"f":"-Infinity","n":0.10,"b":null,"j":null,"t":"infinity"}

        """)
    #expect(
      TableCase.all.first { $0.name == "quotes" }!.rendered(.json) == #"""
        {"a,b":"x,y","say \"hi\"":"\"","c":"\\."}
        {"a,b":"","say \"hi\"":null,"c":"semi;colon"}
        {"a,b":"two\nlines","say \"hi\"":"cr\rhere","c":" blank "}

        """#)
  }

  @Test(arguments: TableCase.all)
  func everyJSONLineIsJSON(_ table: TableCase) throws {
    let lines = table.rendered(.json).split(separator: "\n")
    #expect(lines.count == table.rows.count)
    for line in lines {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(object?.count == table.columns.count)
    }
  }

  @Test func bytesThatAreNotUTF8AreShownAndMended() {
    let bytes: [UInt8] = [0x61, 0xFF, 0xC3]
    var aligned = ResultTable(columns: [ResultColumn(name: "b", typeOID: 25)])
    var json = ResultTable(columns: [ResultColumn(name: "b", typeOID: 25)], format: .json)
    for index in 0..<2 {
      if index == 0 { aligned.append(bytes.span); aligned.endRow() } else { json.append(bytes.span); json.endRow() }
    }
    var output: [UInt8] = []
    aligned.finish(into: &output)
    json.finish(into: &output)
    #expect(
      String(decoding: output, as: UTF8.self) == """
             b     
        -----------
         a\\xFF\\xC3
        (1 row)

        {"b":"a\u{FFFD}\u{FFFD}"}

        """)
  }

  @Test func columnsKeepTheirWidthsWhenRowsComeInForEver() {
    var table = ResultTable(columns: [ResultColumn(name: "k", typeOID: 25), ResultColumn(name: "n", typeOID: 20)])
    var output: [UInt8] = []
    table.append(["apple", "10"])
    table.flush(into: &output)
    table.append(["fig", "2"])
    table.flush(into: &output)
    table.append(["a long one", "300"])
    table.finish(into: &output)
    #expect(
      String(decoding: output, as: UTF8.self) == """
           k   | n  
        -------+----
         apple | 10
         fig   |  2
         a long one | 300
        (3 rows)


        """)
  }

  @Test func titleIsCentredAndFooterLinesReplaceTheCount() {
    var table = ResultTable(
      columns: [ResultColumn(name: "Column", typeOID: 25), ResultColumn(name: "Type", typeOID: 25)],
      title: "Table \"t\"", footer: .lines(["Indexes:", "    \"t_pkey\" PRIMARY KEY"]))
    table.append(["id", "bigint"])
    table.append(["description", "character varying(20)"])
    var output: [UInt8] = []
    table.finish(into: &output)
    #expect(
      String(decoding: output, as: UTF8.self) == """
                      Table "t"
           Column    |         Type          
        -------------+-----------------------
         id          | bigint
         description | character varying(20)
        Indexes:
            "t_pkey" PRIMARY KEY


        """)
  }

  @Test func batchesOfRowsGiveTheSameCSVAndJSON() {
    for format in [ResultTable.Format.csv, .json] {
      let table = TableCase.all.first { $0.name == "quotes" }!
      var split = ResultTable(
        columns: table.columns.map { ResultColumn(name: $0.name, typeOID: TableCase.typeOIDs[$0.type]!) }, format: format)
      var output: [UInt8] = []
      for row in table.rows {
        split.append(row)
        split.flush(into: &output)
      }
      split.finish(into: &output)
      #expect(String(decoding: output, as: UTF8.self) == table.rendered(format))
    }
  }
}
