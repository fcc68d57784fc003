/// Reads an interval in ISO 8601's forms: `P1Y2M3DT4H5M6S`, `P00010203T040506`, `P0001-02-03T04:05:06`.
struct ISO8601IntervalDecoder {
  private var accumulator = IntervalAccumulator()
  private var text: [UInt8]
  private var index = 1

  static func read(_ text: borrowing Span<UInt8>) throws(DateTimeProblem) -> IntervalAccumulator {
    guard text.count >= 2, text.count <= 255, text[0] == 80 else { throw .badFormat }
    var bytes: [UInt8] = []
    for index in text.indices {
      // Zero is what `next` says at the end.
      if text[index] == 0 { throw .badFormat }
      bytes.append(text[index])
    }
    var decoder = ISO8601IntervalDecoder(text: bytes)
    try decoder.decode()
    return decoder.accumulator
  }

  private init(text: [UInt8]) { self.text = text }

  /// The next byte, which is consumed; zero at the end.
  private mutating func next() -> UInt8 {
    guard index < text.count else { return 0 }
    index += 1
    return text[index - 1]
  }

  private mutating func decode() throws(DateTimeProblem) {
    var isDatePart = true
    var isFirst = true
    while index < text.count {
      if text[index] == 84 {
        isDatePart = false
        isFirst = true
        index += 1
        continue
      }
      let isDone = isDatePart ? try decodeDateField(isFirst, &isDatePart) : try decodeTimeField(isFirst)
      if isDone { return }
      isFirst = text[index - 1] == 84
    }
  }

  /// Returns whether the text ends here. A form without units may be followed by `T`, which ends the date.
  private mutating func decodeDateField(_ isFirst: Bool, _ isDatePart: inout Bool) throws(DateTimeProblem) -> Bool {
    let start = index
    let (whole, fraction) = try number()
    let unit = next()
    switch unit {
    case 89: try accumulator.add(whole, fraction, .year)
    case 77: try accumulator.add(whole, fraction, .month)
    case 87: try accumulator.add(whole, fraction, .week)
    case 68: try accumulator.add(whole, fraction, .day)
    case 84, 0, 45:
      if unit != 45, isFirst, digitCount(start) == 8 {
        // yyyymmdd
        try accumulator.add(whole / 10_000, 0, .year)
        try accumulator.add(whole / 100 % 100, 0, .month)
        try accumulator.add(whole % 100, fraction, .day)
      } else {
        // yyyy-mm-dd
        guard isFirst else { throw .badFormat }
        try accumulator.add(whole, fraction, .year)
        if unit == 45, try decodeRestOfDate() { return true }
      }
      if unit == 0 { return true }
      isDatePart = false
    default: throw .badFormat
    }
    return false
  }

  /// `mm[-dd]` after a year; returns whether the text ends here, and else stands behind the `T`.
  private mutating func decodeRestOfDate() throws(DateTimeProblem) -> Bool {
    let (months, monthFraction) = try number()
    try accumulator.add(months, monthFraction, .month)
    switch next() {
    case 0: return true
    case 84: return false
    case 45: break
    default: throw .badFormat
    }
    let (days, dayFraction) = try number()
    try accumulator.add(days, dayFraction, .day)
    switch next() {
    case 0: return true
    case 84: return false
    default: throw .badFormat
    }
  }

  private mutating func decodeTimeField(_ isFirst: Bool) throws(DateTimeProblem) -> Bool {
    let start = index
    let (whole, fraction) = try number()
    let unit = next()
    switch unit {
    case 72: try accumulator.add(whole, fraction, .hour)
    case 77: try accumulator.add(whole, fraction, .minute)
    case 83: try accumulator.add(whole, fraction, .second)
    case 0, 58:
      if unit == 0, isFirst, digitCount(start) == 6 {
        // hhmmss
        try accumulator.add(whole / 10_000, 0, .hour)
        try accumulator.add(whole / 100 % 100, 0, .minute)
        try accumulator.add(whole % 100, 0, .second)
        try accumulator.add(0, fraction, .microseconds)
        return true
      }
      // hh:mm:ss
      guard isFirst else { throw .badFormat }
      try accumulator.add(whole, fraction, .hour)
      if unit == 0 { return true }
      let (minutes, minuteFraction) = try number()
      try accumulator.add(minutes, minuteFraction, .minute)
      if index == text.count { return true }
      guard next() == 58 else { throw .badFormat }
      let (seconds, secondFraction) = try number()
      try accumulator.add(seconds, secondFraction, .second)
      guard index == text.count else { throw .badFormat }
      return true
    default: throw .badFormat
    }
    return false
  }

  /// Digits at `start`, behind a sign.
  private func digitCount(_ start: Int) -> Int {
    let first = text[start] == 45 ? start + 1 : start
    return text[first...].prefix(while: isDigit).count
  }

  /// A decimal number with a whole part within ±10^15, cut there; it may have an exponent.
  private mutating func number() throws(DateTimeProblem) -> (whole: Int64, fraction: Double) {
    let start = index
    guard start < text.count, isDigit(text[start]) || text[start] == 45 || text[start] == 46 else { throw .badFormat }
    var end = start + 1
    while end < text.count, isDigit(text[end]) || (text[end] == 46 && !text[start..<end].contains(46)) { end += 1 }
    if end < text.count, text[end] | 0x20 == 101 {
      var exponent = end + 1
      if exponent < text.count, text[exponent] == 43 || text[exponent] == 45 { exponent += 1 }
      if exponent < text.count, isDigit(text[exponent]) {
        while exponent < text.count, isDigit(text[exponent]) { exponent += 1 }
        end = exponent
      }
    }
    index = end
    let value: Double
    do throws(SQLError) {
      value = try Double(sqlText: text.span.extracting(start..<end))
    } catch {
      throw .badFormat
    }
    guard value.magnitude <= 1e15 else { throw .fieldOverflow }
    let whole = value.rounded(.towardZero)
    return (Int64(whole), value - whole)
  }
}
