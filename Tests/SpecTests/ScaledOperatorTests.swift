import Engine
import SQLTypes
import TestSupport
import Testing

/// A number of up to `digits` digits with up to `scale` of them behind the point, or something extreme.
private func literal(_ digits: Int, _ scale: Int, _ random: inout SeededRandom) -> String {
  switch random.next() % 12 {
  case 0: return "'NaN'"
  case 1: return "'Infinity'"
  case 2: return "'-Infinity'"
  case 3: return String(repeating: "9", count: 30)
  case 4: return "-" + String(repeating: "9", count: 30)
  default:
    let sign = random.next() % 2 == 0 ? "-" : ""
    let whole = String(random.next() % UInt64(powerOfTen(Int(random.next() % UInt64(digits)) + 1)))
    let places = Int(random.next() % UInt64(scale + 1))
    return sign + whole + (places == 0 ? "" : "." + (0..<places).map { _ in String(random.next() % 10) }.joined())
  }
}

private func rows(_ query: String) -> [[String?]] {
  var rows: [[String?]] = []
  do throws(SQLError) {
    try inMemorySession().run(query) { result in rows += result.textRows }
  } catch {
    Issue.record("\(query): \(error)")
  }
  return rows
}

/// Operators that stay integers answer as those by way of numeric without modifiers, which `::numeric` asks for.
@Test(arguments: 1...12)
func operatorsOnScaledIntegersAnswerAsOnNumeric(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  let types = ["numeric(6,2)", "numeric(6,2)", "numeric(18,4)", "numeric(30,2)", "numeric(9,0)", "bigint", "integer", "smallint"]
  let operators = ["=", "<>", "<", "<=", ">", ">=", "+", "-", "*"]
  for _ in 0..<40 {
    let (left, right) = (types[Int(random.next() % 8)], types[Int(random.next() % 8)])
    func value(_ type: String) -> String {
      switch random.next() % 6 {
      case 0: return "NULL"
      case 1 where type.hasPrefix("numeric"): return "'NaN'"
      case 2 where type == "bigint": return "9223372036854775807"
      case 3 where type == "bigint": return "-9223372036854775808"
      case 2 where type == "smallint": return "32767"
      case 3 where type == "smallint": return "-32768"
      default: return "\(Int(random.next() % 19) - 9)" + (type.hasPrefix("n") ? ".50" : "")
      }
    }
    let values = (0..<6).map { _ in "(\(value(left)), \(value(right)))" }.joined(separator: ", ")
    let from = "FROM (SELECT a::\(left) AS a, b::\(right) AS b FROM (VALUES \(values)) AS v(a, b)) AS t"
    let constant = literal(4, 5, &random)
    var pairs = [
      ("a \(constant)::numeric", "a::numeric \(constant)::numeric"), ("\(constant)::numeric b", "\(constant)::numeric b::numeric"),
    ]
    // Two integers have operators of their own.
    if left.hasPrefix("n") || right.hasPrefix("n") { pairs.append(("a b", "a::numeric b::numeric")) }
    for op in operators {
      for (fast, slow) in pairs.map({ ($0.replacing(" ", with: " \(op) "), $1.replacing(" ", with: " \(op) ")) }) {
        // As texts, so that what is printed counts; a row that overflows is NULL on both sides.
        for (index, row) in rows("SELECT TRY_CAST(\(fast) AS text), TRY_CAST(\(slow) AS text) \(from)").enumerated()
        where row[0] != row[1] {
          Issue.record("row \(index): \(fast) is \(row[0] ?? "null"), \(slow) \(row[1] ?? "null") \(from)")
        }
      }
    }
  }
}
