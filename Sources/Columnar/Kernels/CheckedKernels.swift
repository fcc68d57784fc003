package import SQLTypes

/// A column, and the rows that have no value, with the reason; their slots hold anything.
///
/// For operations whose errors say more than a `KernelFault` can.
package struct CheckedResult: Sendable {
  package var column: Column
  package var errors: [(row: Int, error: SQLError)] = []

  package init(_ column: Column, errors: [(row: Int, error: SQLError)] = []) {
    self.column = column
    self.errors = errors
  }

  /// What was computed once for all `count` rows, if `isConstant`: a failure then is that of each of them.
  init(_ stored: Column, errors: [(row: Int, error: SQLError)], count: Int, isConstant: Bool) {
    guard isConstant, let first = errors.first else {
      self.init(stored.asConstant(count: count, if: isConstant), errors: errors)
      return
    }
    self.init(stored.asConstant(count: count, if: true), errors: (0..<count).map { ($0, first.error) })
  }
}

/// Applies a throwing `operation` to each row that is not null.
///
/// - Shapes: the result has as many rows as `input`; null slots and slots of failed rows hold zero.
@inline(__always)
func checkedRows<A: BitwiseCopyable, R: BitwiseCopyable>(
  _ input: Column, _ a: A.Type, into physicalType: PhysicalType, _ operation: (A) throws(SQLError) -> R
) -> CheckedResult {
  let count = input.storedCount
  let buffer = Buffer(byteCount: count * MemoryLayout<R>.stride)
  let out = buffer.pointer(as: R.self)
  let values = input.pointer(as: a)
  let nulls = input.nulls?.pointer(as: UInt64.self)
  var errors: [(row: Int, error: SQLError)] = []
  var row = 0
  while row < count {
    if let nulls, nulls[row >> 6] >> UInt64(row & 63) & 1 != 0 {
      row &+= 1
      continue
    }
    do throws(SQLError) { out[row] = try operation(values[row]) } catch { errors.append((row, error)) }
    row &+= 1
  }
  return CheckedResult(
    Column(physicalType, count: count, values: buffer, nulls: input.nulls), errors: errors, count: input.count,
    isConstant: input.isConstant)
}

/// Applies a throwing `operation` to each pair of rows of which neither is null.
///
/// - Shapes: both columns and the result have the same number of rows; null slots and slots of failed rows hold zero.
@inline(__always)
func checkedPairs<A: BitwiseCopyable, B: BitwiseCopyable, R: BitwiseCopyable>(
  _ lhs: Column, _ rhs: Column, _ a: A.Type, _ b: B.Type, into physicalType: PhysicalType,
  _ operation: (A, B) throws(SQLError) -> R
) -> CheckedResult {
  precondition(lhs.count == rhs.count, "columns of one batch")
  let bothConstant = lhs.isConstant && rhs.isConstant
  let count = bothConstant ? min(lhs.count, 1) : lhs.count
  let (bitmap, allNull) = unionOfNulls(lhs, rhs, count: count)
  if allNull { return CheckedResult(.allNull(physicalType, count: lhs.count)) }
  let buffer = Buffer(byteCount: count * MemoryLayout<R>.stride)
  let out = buffer.pointer(as: R.self)
  let (l, r) = (lhs.pointer(as: a), rhs.pointer(as: b))
  let (lStep, rStep) = (lhs.isConstant ? 0 : 1, rhs.isConstant ? 0 : 1)
  let nulls = bitmap?.pointer(as: UInt64.self)
  var errors: [(row: Int, error: SQLError)] = []
  var row = 0
  while row < count {
    if let nulls, nulls[row >> 6] >> UInt64(row & 63) & 1 != 0 {
      row &+= 1
      continue
    }
    do throws(SQLError) { out[row] = try operation(l[row &* lStep], r[row &* rStep]) } catch { errors.append((row, error)) }
    row &+= 1
  }
  return CheckedResult(
    Column(physicalType, count: count, values: buffer, nulls: bitmap), errors: errors, count: lhs.count,
    isConstant: bothConstant)
}

extension Column {
  /// Builds a column of fixed-width values row by row; a null argument gives null, and so does a nil of `body`.
  ///
  /// - Shapes: all inputs and the result have the same number of rows.
  package static func checkedValues<R: BitwiseCopyable>(
    _ inputs: [Column], _ type: R.Type, into physicalType: PhysicalType, _ body: (Int) throws(SQLError) -> R?
  ) -> CheckedResult {
    let isConstant = inputs.allSatisfy(\.isConstant)
    let count = isConstant ? min(inputs[0].count, 1) : inputs[0].count
    var builder = ColumnBuilder<R>(physicalType, capacity: count)
    var errors: [(row: Int, error: SQLError)] = []
    for row in 0..<count {
      if inputs.contains(where: { $0.isNull(row) }) {
        builder.appendNull()
        continue
      }
      do throws(SQLError) {
        if let value = try body(row) { builder.append(value) } else { builder.appendNull() }
      } catch {
        errors.append((row, error))
        builder.appendNull()
      }
    }
    return CheckedResult(builder.finish(), errors: errors, count: inputs[0].count, isConstant: isConstant)
  }
}
