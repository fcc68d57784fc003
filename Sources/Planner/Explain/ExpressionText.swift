import Columnar
import Expressions
import SQLTypes

/// Bound expressions as SQL text, for plans that people read.
struct ExpressionText {
  /// The input's columns as they are shown.
  let columns: [String]

  /// - isOperand: whether the text stands beside an operator, so that one of its own needs parentheses.
  func text(_ expression: BoundExpression, isOperand: Bool = false) -> String {
    let (text, isCompound) = parts(expression)
    return isOperand && isCompound ? "(\(text))" : text
  }

  private func list(_ expressions: [BoundExpression], _ separator: String = ", ", isOperand: Bool = false) -> String {
    expressions.map { text($0, isOperand: isOperand) }.joined(separator: separator)
  }

  /// The text, and whether an operator is its outermost part.
  private func parts(_ expression: BoundExpression) -> (String, isCompound: Bool) {
    switch expression {
    case .column(let index, _): return (index < columns.count ? columns[index] : "#\(index)", false)
    case .parameter(let index, _): return ("$\(index + 1)", false)
    case .constant(let value, let type): return (Self.constant(value, type), false)
    case .call(let function, let arguments, _): return call(function, arguments)
    case .not(let operand): return ("NOT \(text(operand, isOperand: true))", true)
    case .and(let operands): return (list(operands, " AND ", isOperand: true), true)
    case .or(let operands): return (list(operands, " OR ", isOperand: true), true)
    case .isNull(let operand, let negated):
      return ("\(text(operand, isOperand: true)) IS \(negated ? "NOT " : "")NULL", true)
    case .isBoolean(let operand, let value, let negated):
      return ("\(text(operand, isOperand: true)) IS \(negated ? "NOT " : "")\(value ? "TRUE" : "FALSE")", true)
    case .caseWhen(let branches, let otherwise, _):
      let whens = branches.map { "WHEN \(text($0.condition)) THEN \(text($0.result))" }.joined(separator: " ")
      return ("CASE \(whens) ELSE \(text(otherwise)) END", false)
    case .coalesce(let operands, _): return ("COALESCE(\(list(operands)))", false)
    case .nullOnError(let operand):
      // TRY_CAST is the only form that makes one; its operand is the cast.
      if case .call(let function, let arguments, _) = operand, arguments.count == 1 {
        return ("TRY_CAST(\(text(arguments[0])) AS \(function.result.name))", false)
      }
      return ("TRY(\(text(operand)))", false)
    }
  }

  private func call(_ function: ScalarFunction, _ arguments: [BoundExpression]) -> (String, isCompound: Bool) {
    let isOperator = function.name.utf8.allSatisfy { !($0 == 95 || ($0 | 0x20 >= 97 && $0 | 0x20 <= 122) || ($0 >= 48 && $0 <= 57)) }
    if isOperator, arguments.count == 2 {
      let name = function.name == "~~" ? "LIKE" : function.name == "~~*" ? "ILIKE" : function.name
      return ("\(text(arguments[0], isOperand: true)) \(name) \(text(arguments[1], isOperand: true))", true)
    }
    if isOperator, arguments.count == 1 { return ("\(function.name) \(text(arguments[0], isOperand: true))", true) }
    if function.isCast, arguments.count == 1 {
      return ("\(text(arguments[0], isOperand: true))::\(function.result.name)", false)
    }
    return ("\(function.name)(\(list(arguments)))", false)
  }

  static func constant(_ value: Column, _ type: SQLType) -> String {
    if value.isNull(0) { return type == .unknown ? "NULL" : "NULL::\(type.name)" }
    var text = value
    if !type.isText && type != .unknown {
      guard let function = Casts.function(type, .text) else { return "?::\(type.name)" }
      text = function.kernel([value], 1).column
    }
    let shown = text.text(0)
    if type.isNumeric || type == .boolean { return shown }
    let quoted = "'" + shown.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    return type.isText || type == .unknown ? quoted : "\(quoted)::\(type.name)"
  }
}

extension ScalarFunction {
  /// Whether it is a cast: these are named for their result, by PostgreSQL's or the catalogue's name of the type.
  var isCast: Bool {
    guard arguments.count == 1, arguments[0] != result else { return false }
    let internalNames = ["bool", "int2", "int4", "int8", "float4", "float8", "numeric", "text", "varchar", "date",
      "timestamp", "timestamptz", "interval"]
    return name == result.baseName || name == result.name || internalNames.contains(name)
  }
}
