import Glibc
import SQLTypes

/// Functions of an angle in radians, of a side's ratio, and their hyperbolic relatives.
package enum TrigonometricFunction: String, Sendable, CaseIterable {
  case sin, cos, tan, cot, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh
}

extension Column {
  /// - Errors: 22003 for an infinite angle and for what is no ratio. A pole and what is beyond every double are infinite.
  package static func trigonometric(_ function: TrigonometricFunction, _ input: Column) -> CheckedResult {
    checkedRows(input, Double.self, into: .float64) { (x) throws(SQLError) in
      let isDefined =
        switch function {
        case .sin, .cos, .tan, .cot: !x.isInfinite
        case .asin, .acos, .atanh: !(x.magnitude > 1)
        case .acosh: !(x < 1)
        case .atan, .sinh, .cosh, .tanh, .asinh: true
        }
      guard isDefined else { throw SQLError(.numericValueOutOfRange, "input is out of range") }
      return switch function {
      case .sin: Glibc.sin(x)
      case .cos: Glibc.cos(x)
      case .tan: Glibc.tan(x)
      case .cot: 1 / Glibc.tan(x)
      case .asin: Glibc.asin(x)
      case .acos: Glibc.acos(x)
      case .atan: Glibc.atan(x)
      case .sinh: Glibc.sinh(x)
      case .cosh: Glibc.cosh(x)
      case .tanh: Glibc.tanh(x)
      case .asinh: Glibc.asinh(x)
      case .acosh: Glibc.acosh(x)
      case .atanh: Glibc.atanh(x)
      }
    }
  }

  /// `atan2(y, x)`: the angle of the point (x, y).
  package static func angle(_ ys: Column, _ xs: Column) -> CheckedResult {
    checkedPairs(ys, xs, Double.self, Double.self, into: .float64) { (y, x) throws(SQLError) in atan2(y, x) }
  }
}
