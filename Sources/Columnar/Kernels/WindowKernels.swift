import SQLTypes

/// Bins of one width, counted from an origin: what `date_bin` gives for a constant stride.
struct TimeBins {
  let width: Int64
  let origin: Int64
  private let divisor: ConstantDivisor<Int64>

  /// Nil for a width below 2, which leaves nothing to divide.
  init?(width: Int64, origin: Int64) {
    guard let divisor = ConstantDivisor(width) else { return nil }
    self.width = width
    self.origin = origin
    self.divisor = divisor
  }

  /// Nil where `date_bin` would fail for every time, or the width is below 2.
  init?(stride: Interval, origin: SQLTimestamp) {
    guard stride.months == 0, origin.isFinite else { return nil }
    let (days, overflow) = Int64(stride.days).multipliedReportingOverflow(by: SQLTimestamp.microsecondsPerDay)
    let (width, carry) = days.addingReportingOverflow(stride.microseconds)
    if overflow || carry { return nil }
    self.init(width: width, origin: origin.microseconds)
  }

  /// How far a finite time lies behind the start of its bin, and whether that cannot be told in 64 bits.
  @inline(__always)
  func distance(_ time: Int64) -> (behindStart: Int64, isTooFar: Bool) {
    let (distance, isTooFar) = time.subtractingReportingOverflow(origin)
    let rest = distance &- divisor.quotient(distance) &* width
    return (rest &+ (width & (rest &>> 63)), isTooFar)
  }

  /// The start of a time's bin; an infinity is its own.
  @inline(__always)
  func start(_ time: Int64) -> (Int64, fault: UInt8) {
    if time == .max || time == .min { return (time, 0) }
    let (behind, isTooFar) = distance(time)
    let (start, overflow) = time.subtractingReportingOverflow(behind)
    let isOutside = isTooFar || overflow || start < SQLTimestamp.minimum.microseconds
    return (start, isOutside ? KernelFault.outOfRange.rawValue : 0)
  }
}

/// The windows that hold some rows' times: a row number for each, in their order, and its start.
package struct WindowsOfRows {
  package var rows: Selection
  package var starts: Column
  /// Rows of which a window begins before the first timestamp.
  package var failed: [Int] = []
}

extension Column {
  /// The windows `[start, start + size)` that hold each row's time, earliest first: one starts at each multiple of the slide, counted
  /// from 1970 plus the offset. None holds NULL; an infinity, which no window of a size holds, is a window of its own, as the bins of
  /// `date_bin` are.
  ///
  /// - rows: of these rows only.
  /// - offset: from 0 to below the slide.
  package static func windows(
    of times: Column, _ rows: Range<Int>, slide: Int64, size: Int64, offset: Int64
  ) -> WindowsOfRows {
    precondition(slide > 0 && size > 0 && (0..<slide).contains(offset), "windows have a size and a distance")
    precondition(rows.lowerBound >= 0 && rows.upperBound <= times.count, "rows of the column")
    // A row is in `whole` windows, and in one more if it is near the start of its slide.
    let (whole, rest) = size.quotientAndRemainder(dividingBy: slide)
    let capacity = rows.count * (Int(whole) + (rest > 0 ? 1 : 0))
    let (rowBuffer, startBuffer) = (Buffer(uninitializedByteCount: capacity * 4), Buffer(uninitializedByteCount: capacity * 8))
    let (outRows, outStarts) = (rowBuffer.pointer(as: Int32.self), startBuffer.pointer(as: Int64.self))
    let bins = TimeBins(width: slide, origin: offset)
    let values = times.pointer(as: Int64.self)
    let step = times.isConstant ? 0 : 1
    var failed: [Int] = []
    var count = 0
    for row in rows where !times.isNull(row) {
      let time = values[row &* step]
      if time == .max || time == .min {
        // Where windows do not touch, an infinity is in one all the same.
        outRows[count] = Int32(truncatingIfNeeded: row)
        outStarts[count] = time
        count &+= 1
        continue
      }
      let (behind, isTooFar) = bins?.distance(time) ?? (0, false)
      let windows = whole &+ (behind < rest ? 1 : 0)
      if windows == 0 { continue }
      let (last, before) = time.subtractingReportingOverflow(behind)
      let (first, beforeAll) = last.subtractingReportingOverflow((windows &- 1) &* slide)
      if isTooFar || before || beforeAll || first < SQLTimestamp.minimum.microseconds {
        failed.append(row)
        continue
      }
      var start = first
      for _ in 0..<windows {
        outRows[count] = Int32(truncatingIfNeeded: row)
        outStarts[count] = start
        start &+= slide
        count &+= 1
      }
    }
    return WindowsOfRows(
      rows: Selection(count: count, rows: rowBuffer), starts: Column(.int64, count: count, values: startBuffer),
      failed: failed)
  }
}
