extension Column {
  /// Three-valued NOT.
  package static func not(_ input: Column) -> Column {
    mapRows(input, UInt8.self, into: .bool) { ($0 ^ 1, 0) }.column
  }

  /// Three-valued AND: false wins over null.
  package static func and(_ lhs: Column, _ rhs: Column) -> Column {
    logic(lhs, rhs) { a, aNull, b, bNull in
      let isFalse = ((a | aNull) ^ 1) | ((b | bNull) ^ 1)
      return (a & b, (aNull | bNull) & (isFalse ^ 1))
    }
  }

  /// Three-valued OR: true wins over null.
  package static func or(_ lhs: Column, _ rhs: Column) -> Column {
    logic(lhs, rhs) { a, aNull, b, bNull in
      let isTrue = a | b
      return (isTrue, (aNull | bNull) & (isTrue ^ 1))
    }
  }

  @inline(__always)
  private static func logic(
    _ lhs: Column, _ rhs: Column, _ operation: (UInt8, UInt8, UInt8, UInt8) -> (UInt8, UInt8)
  ) -> Column {
    precondition(lhs.count == rhs.count, "columns of one batch")
    let isConstant = lhs.isConstant && rhs.isConstant
    let count = isConstant ? min(lhs.count, 1) : lhs.count
    let buffer = Buffer(byteCount: count)
    let out = buffer.pointer(as: UInt8.self)
    let l = lhs.pointer(as: UInt8.self)
    let r = rhs.pointer(as: UInt8.self)
    let lStep = lhs.isConstant ? 0 : 1
    let rStep = rhs.isConstant ? 0 : 1
    if lhs.nulls == nil && rhs.nulls == nil {
      var row = 0
      while row < count {
        out[row] = operation(l[row &* lStep], 0, r[row &* rStep], 0).0
        row &+= 1
      }
      return Column(.bool, count: lhs.count, values: buffer, isConstant: isConstant)
    }
    let bitmap = Buffer(byteCount: (count + 63) / 64 * 8)
    let bits = bitmap.pointer(as: UInt64.self)
    var anyNull: UInt8 = 0
    for row in 0..<count {
      let (value, isNull) = operation(l[row &* lStep], byte(lhs.isNull(row)), r[row &* rStep], byte(rhs.isNull(row)))
      out[row] = value & (isNull ^ 1)
      bits[row >> 6] |= UInt64(isNull) << UInt64(row & 63)
      anyNull |= isNull
    }
    return Column(.bool, count: lhs.count, values: buffer, nulls: anyNull == 0 ? nil : bitmap, isConstant: isConstant)
  }

  /// `x IS NULL` as a boolean column without nulls.
  package static func isNull(_ input: Column) -> Column {
    let count = input.storedCount
    let buffer = Buffer(byteCount: count)
    let out = buffer.pointer(as: UInt8.self)
    if input.nulls != nil { for row in 0..<count { out[row] = byte(input.isNull(row)) } }
    return Column(.bool, count: input.count, values: buffer, isConstant: input.isConstant)
  }

  /// A boolean column in which null counts as false.
  package static func isTrue(_ input: Column) -> Column {
    Column(.bool, count: input.count, values: input.values, isConstant: input.isConstant)
  }
}
