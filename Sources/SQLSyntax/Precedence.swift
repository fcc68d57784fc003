/// How tightly operators bind, loosest first (gram.y of PostgreSQL 15).
enum Precedence {
  static let or = 1
  static let and = 2
  static let not = 3
  static let isTest = 4
  /// `< > = <= >= <>`, not associative.
  static let comparison = 5
  /// BETWEEN, IN, LIKE, ILIKE, SIMILAR, not associative.
  static let between = 6
  /// Every other operator.
  static let other = 7
  static let additive = 8
  static let multiplicative = 9
  static let power = 10
  static let atTimeZone = 11
  static let collate = 12
  static let unaryMinus = 13
  static let primary = 20

  /// Whether the operator can stand before its only operand.
  static func canBePrefix(_ name: String) -> Bool {
    switch name {
    case "<", ">", "=", "<=", ">=", "<>", "*", "/", "%", "^": false
    default: true
    }
  }

  /// Of an infix operator.
  static func of(_ name: String) -> Int {
    switch name {
    case "<", ">", "=", "<=", ">=", "<>": comparison
    case "+", "-": additive
    case "*", "/", "%": multiplicative
    case "^": power
    default: other
    }
  }
}
