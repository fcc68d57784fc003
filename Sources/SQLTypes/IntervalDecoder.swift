/// Reads an interval in PostgreSQL's and the SQL standard's forms (`DecodeInterval`), backwards, so that a unit is
/// known
/// before its number.
struct IntervalDecoder {
  private(set) var accumulator = IntervalAccumulator()

  private let tokens: DateTimeTokens
  private let fields: IntervalFields
  /// The units that have been read; each may come once.
  private var seen: FieldMask = []
  /// The unit of the number to come; nil where the text has not said.
  private var unit: DateTimeField?
  private var isAgo = false

  private struct FieldMask: OptionSet {
    let rawValue: UInt32
    init(rawValue: UInt32) { self.rawValue = rawValue }
    init(_ field: DateTimeField) { rawValue = 1 << UInt32(field.rawValue) }
    static let subsecond: FieldMask = [FieldMask(.milliseconds), FieldMask(.microseconds)]
    static let time: FieldMask = [FieldMask(.hour), FieldMask(.minute), FieldMask(.second), .subsecond]
  }

  init(_ text: borrowing Span<UInt8>, _ fields: IntervalFields) throws(DateTimeProblem) {
    tokens = try DateTimeTokens(text)
    self.fields = fields
    for field in tokens.fields.reversed() { try decode(field) }
    if seen.isEmpty { throw .badFormat }
    if isAgo { try accumulator.negate() }
  }

  private mutating func decode(_ field: DateTimeTokens.Field) throws(DateTimeProblem) {
    switch field.kind {
    case .time: try addTime(field.range, isNegative: false)
    case .signed:
      // A signed time, if it is one; else a signed number.
      let start = field.range.lowerBound
      if tokens.bytes[field.range].contains(58) {
        do throws(DateTimeProblem) {
          try addTime(start + 1..<field.range.upperBound, isNegative: tokens.bytes[start] == 45)
          return
        } catch {}
      }
      try addNumber(field.range)
    case .date, .number: try addNumber(field.range)
    case .word, .signedWord:
      let word = tokens.word(field.range)
      if word == "ago" {
        isAgo = true
        // A number must not stand directly before it; zones are nothing that can be added.
        unit = .timezone
      } else if let named = DateTimeField(intervalUnit: word) {
        unit = named
      } else {
        throw .badFormat
      }
    }
  }

  private mutating func addTime(_ range: Range<Int>, isNegative: Bool) throws(DateTimeProblem) {
    let time = try tokens.time(range, isMinuteToSecond: fields == [.minute, .second])
    guard let microseconds = time.microseconds else { throw .fieldOverflow }
    try take(.time)
    try accumulator.addMicroseconds(isNegative ? -microseconds : microseconds)
    // A number before it counts days: `1 02:03`.
    unit = .day
  }

  private mutating func take(_ units: FieldMask) throws(DateTimeProblem) {
    guard units.isDisjoint(with: seen) else { throw .badFormat }
    seen.formUnion(units)
  }

  private mutating func addNumber(_ range: Range<Int>) throws(DateTimeProblem) {
    let unit = unit ?? fields.smallest
    self.unit = unit
    var index = range.lowerBound
    let end = range.upperBound
    let isNegative = tokens.bytes[index] == 45
    guard var whole = tokens.integer(&index, end) else { throw .fieldOverflow }
    var fraction = 0.0
    if index < end, tokens.bytes[index] == 45 {
      // Years and months: `1-2`.
      index += 1
      guard let months = tokens.integer32(&index, end), (0...11).contains(months) else { throw .fieldOverflow }
      guard index == end else { throw .badFormat }
      let (product, overflow) = whole.multipliedReportingOverflow(by: 12)
      let (sum, carry) = product.addingReportingOverflow(Int64(isNegative ? -months : months))
      if overflow || carry { throw .fieldOverflow }
      whole = sum
      self.unit = .month
    } else if index < end {
      guard tokens.bytes[index] == 46 else { throw .badFormat }
      fraction = try tokens.fraction(index..<end)
      if isNegative { fraction = -fraction }
    }
    guard let counted = self.unit else { throw .badFormat }
    try accumulator.add(whole, fraction, counted)
    if counted == .second, fraction != 0 {
      try take([FieldMask(.second), .subsecond])
    } else {
      try take(FieldMask(counted))
    }
    // Before hours a bare number counts days.
    if counted == .hour { self.unit = .day }
  }
}
