/// What a kernel says of a row that has no value.
///
/// The numbers are flags: kernels OR them over a batch, look once, and only then search for the rows.
package enum KernelFault: UInt8, Sendable {
  case outOfRange = 1
  case divisionByZero = 2
  /// A float that is not zero became zero; PostgreSQL words it differently from an overflow.
  case underflow = 4
}

/// A row on which a kernel failed.
package struct KernelFailure: Sendable, Equatable {
  package let row: Int
  package let fault: KernelFault
}

/// A column, and the rows that failed; their slots hold anything.
package struct KernelResult: Sendable {
  package var column: Column
  package var failures: [KernelFailure] = []
}

/// The rows that are null in `lhs` or in `rhs`.
///
/// - Returns: nil when no row is; a bitmap of one bit when both are constants; every row when a constant is null.
func unionOfNulls(_ lhs: Column, _ rhs: Column, count: Int) -> (bitmap: Buffer?, allNull: Bool) {
  if lhs.isConstant && lhs.count > 0 && lhs.isNull(0) { return (nil, true) }
  if rhs.isConstant && rhs.count > 0 && rhs.isNull(0) { return (nil, true) }
  let left = lhs.isConstant ? nil : lhs.nulls
  let right = rhs.isConstant ? nil : rhs.nulls
  guard let left, let right else { return (left ?? right, false) }
  let words = (count + 63) / 64
  let bitmap = Buffer(byteCount: words * 8)
  let (l, r, out) = (left.pointer(as: UInt64.self), right.pointer(as: UInt64.self), bitmap.pointer(as: UInt64.self))
  var word = 0
  while word < words {
    out[word] = l[word] | r[word]
    word &+= 1
  }
  return (bitmap, false)
}

/// Sets the slots of null rows to zero, as columns promise.
func clearNullSlots<T: BitwiseCopyable>(_ out: UnsafeMutablePointer<T>, _ nulls: Buffer?, count: Int) {
  guard let bits = nulls?.pointer(as: UInt64.self) else { return }
  for word in 0..<(count + 63) / 64 {
    var rest = bits[word]
    while rest != 0 {
      let row = word * 64 + rest.trailingZeroBitCount
      if row < count {
        UnsafeMutableRawPointer(out + row).initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<T>.stride)
      }
      rest &= rest &- 1
    }
  }
}

/// Applies `operation` to each pair of rows; a null on either side gives null.
///
/// - Shapes: both columns have the same number of rows.
/// - Faults: `operation` returns a value and flags (0 is none); rows with flags are listed, null rows never.
@inline(__always)
func mapPairs<A: BitwiseCopyable, B: BitwiseCopyable, R: BitwiseCopyable>(
  _ lhs: Column, _ rhs: Column, _ a: A.Type, _ b: B.Type, into physicalType: PhysicalType,
  _ operation: (A, B) -> (R, UInt8)
) -> KernelResult {
  precondition(lhs.count == rhs.count, "columns of one batch")
  let bothConstant = lhs.isConstant && rhs.isConstant
  let count = bothConstant ? min(lhs.count, 1) : lhs.count
  let (nulls, allNull) = unionOfNulls(lhs, rhs, count: count)
  if allNull { return KernelResult(column: .allNull(physicalType, count: lhs.count)) }
  let buffer = Buffer(uninitializedByteCount: count * MemoryLayout<R>.stride)
  let out = buffer.pointer(as: R.self)
  let l = lhs.pointer(as: a)
  let r = rhs.pointer(as: b)
  var flags: UInt8 = 0
  var row = 0
  switch (lhs.isConstant, rhs.isConstant) {
  case (false, true):
    guard count > 0 else { break }
    let constant = r[0]
    while row < count {
      let (value, fault) = operation(l[row], constant)
      out[row] = value
      flags |= fault
      row &+= 1
    }
  case (true, false):
    guard count > 0 else { break }
    let constant = l[0]
    while row < count {
      let (value, fault) = operation(constant, r[row])
      out[row] = value
      flags |= fault
      row &+= 1
    }
  default:
    while row < count {
      let (value, fault) = operation(l[row], r[row])
      out[row] = value
      flags |= fault
      row &+= 1
    }
  }
  var failures: [KernelFailure] = []
  if flags != 0 {
    // Null slots hold zero, which may well divide or overflow: only rows with a value fail.
    for row in 0..<count where !lhs.isNull(row) && !rhs.isNull(row) {
      let fault = operation(l[lhs.isConstant ? 0 : row], r[rhs.isConstant ? 0 : row]).1
      if fault != 0, let fault = KernelFault(rawValue: fault) { failures.append(KernelFailure(row: row, fault: fault)) }
    }
    if bothConstant, let first = failures.first {
      failures = (0..<lhs.count).map { KernelFailure(row: $0, fault: first.fault) }
    }
  }
  clearNullSlots(out, nulls, count: count)
  return KernelResult(
    column: Column(physicalType, count: lhs.count, values: buffer, nulls: nulls, isConstant: bothConstant),
    failures: failures)
}

/// Applies `operation` to each row; null gives null.
@inline(__always)
func mapRows<A: BitwiseCopyable, R: BitwiseCopyable>(
  _ input: Column, _ a: A.Type, into physicalType: PhysicalType, _ operation: (A) -> (R, UInt8)
) -> KernelResult {
  let count = input.storedCount
  let buffer = Buffer(uninitializedByteCount: count * MemoryLayout<R>.stride)
  let out = buffer.pointer(as: R.self)
  let values = input.pointer(as: a)
  var flags: UInt8 = 0
  var row = 0
  while row < count {
    let (value, fault) = operation(values[row])
    out[row] = value
    flags |= fault
    row &+= 1
  }
  var failures: [KernelFailure] = []
  if flags != 0 {
    for row in 0..<input.count where !input.isNull(row) {
      let fault = operation(values[input.isConstant ? 0 : row]).1
      if fault != 0, let fault = KernelFault(rawValue: fault) { failures.append(KernelFailure(row: row, fault: fault)) }
    }
  }
  clearNullSlots(out, input.nulls, count: count)
  return KernelResult(
    column: Column(physicalType, count: input.count, values: buffer, nulls: input.nulls, isConstant: input.isConstant),
    failures: failures)
}
