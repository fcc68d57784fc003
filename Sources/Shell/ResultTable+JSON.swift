// JSON lines: one object a row, with the columns' names as keys in their order.

extension ResultTable {
  func writeJSON(into output: inout [UInt8]) {
    let keys = columns.map { column in
      var key: [UInt8] = []
      Self.writeJSONString(Array(column.name.utf8)[...], into: &key)
      key.append(UInt8(ascii: ":"))
      return key
    }
    for row in 0..<bufferedRows {
      output.append(UInt8(ascii: "{"))
      for column in columns.indices {
        if column > 0 { output.append(UInt8(ascii: ",")) }
        output.append(contentsOf: keys[column])
        if let range = cell(row, column) {
          Self.writeJSONValue(bytes[range], as: columns[column].jsonForm, into: &output)
        } else {
          output.append(text: "null")
        }
      }
      output.append(text: "}\n")
    }
  }

  private static func writeJSONValue(
    _ value: ArraySlice<UInt8>, as form: ResultColumn.JSONForm, into output: inout [UInt8]
  ) {
    switch form {
    case .boolean where value.elementsEqual("t".utf8): output.append(text: "true")
    case .boolean where value.elementsEqual("f".utf8): output.append(text: "false")
    case .number where isJSONNumber(value): output.append(contentsOf: value)
    case .json where !value.isEmpty:              // a line break can only be white space here
      output.append(contentsOf: value.lazy.map { $0 == .newline || $0 == UInt8(ascii: "\r") ? .space : $0 })
    default: writeJSONString(value, into: &output)
    }
  }

  /// NaN and infinities have no number in JSON and are strings.
  private static func isJSONNumber(_ value: ArraySlice<UInt8>) -> Bool {
    let digits = value.first == .hyphen ? value.dropFirst() : value
    return digits.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
  }

  private static func writeJSONString(_ value: ArraySlice<UInt8>, into output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    // Decoding mends bytes that are not UTF-8, which JSON must not hold.
    for byte in String(decoding: value, as: UTF8.self).utf8 {
      switch byte {
      case UInt8(ascii: "\""): output.append(text: "\\\"")
      case UInt8(ascii: "\\"): output.append(text: "\\\\")
      case .newline: output.append(text: "\\n")
      case UInt8(ascii: "\r"): output.append(text: "\\r")
      case UInt8(ascii: "\t"): output.append(text: "\\t")
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        output.append(text: "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits)
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
