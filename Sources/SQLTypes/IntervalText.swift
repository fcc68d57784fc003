/// The fields after `INTERVAL '...'`: `DAY TO SECOND` is day, hour, minute and second. Empty: all of them.
package struct IntervalFields: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let year = IntervalFields(rawValue: 1)
  package static let month = IntervalFields(rawValue: 2)
  package static let day = IntervalFields(rawValue: 4)
  package static let hour = IntervalFields(rawValue: 8)
  package static let minute = IntervalFields(rawValue: 16)
  package static let second = IntervalFields(rawValue: 32)

  /// The last of the fields: what a number without a unit counts.
  var smallest: DateTimeField {
    if contains(.second) || isEmpty { return .second }
    if contains(.minute) { return .minute }
    if contains(.hour) { return .hour }
    if contains(.day) { return .day }
    return contains(.month) ? .month : .year
  }
}

extension Interval: SQLTextConvertible {
  /// Reads an interval: PostgreSQL's units in any order, the SQL standard's forms, or ISO 8601. 22007, 22008, 22015.
  package init(sqlText text: borrowing Span<UInt8>) throws(SQLError) {
    try self.init(sqlText: text, fields: [])
  }

  package init(sqlText text: String, fields: IntervalFields) throws(SQLError) {
    try self.init(sqlText: text.utf8Span.span, fields: fields)
  }

  /// Reads an interval of the given fields: the last gives a bare number its unit, and what is smaller is cut off.
  package init(sqlText text: borrowing Span<UInt8>, fields: IntervalFields) throws(SQLError) {
    let accumulator: IntervalAccumulator
    do throws(DateTimeProblem) {
      accumulator = try Interval.read(text, fields)
    } catch {
      throw error.error("interval", text)
    }
    guard let interval = accumulator.interval else { throw .intervalOutOfRange() }
    self = interval.keeping(fields)
  }

  private static func read(
    _ text: borrowing Span<UInt8>, _ fields: IntervalFields
  ) throws(DateTimeProblem) -> IntervalAccumulator {
    do throws(DateTimeProblem) {
      return try IntervalDecoder(text, fields).accumulator
    } catch .badFormat {
      return try ISO8601IntervalDecoder.read(text)
    } catch {
      throw error
    }
  }

  /// The interval without what is smaller than the last of `fields`; of years alone, without months.
  package func keeping(_ fields: IntervalFields) -> Interval {
    if fields.isEmpty { return self }
    var result = self
    let unit: Int64
    switch fields.smallest {
    case .second: return self
    case .minute: unit = SQLTimestamp.microsecondsPerMinute
    case .hour: unit = SQLTimestamp.microsecondsPerHour
    case .day: unit = .max
    case .month:
      unit = .max
      result.days = 0
    default:
      unit = .max
      result.days = 0
      result.months = months / 12 * 12
    }
    result.microseconds = unit == .max ? 0 : microseconds / unit * unit
    return result
  }

  /// `1 year 2 mons -3 days +04:05:06.7`: PostgreSQL's own style.
  package func appendSQLText(to bytes: inout [UInt8]) {
    let start = bytes.count
    // After a negative part, a positive one shows its sign.
    var isAfterNegative = false
    func appendPart(_ value: Int32, _ unit: StaticString) {
      if value == 0 { return }
      if bytes.count > start { bytes.append(32) }
      if isAfterNegative, value > 0 { bytes.append(43) }
      bytes.appendDecimal(Int64(value))
      bytes.append(32)
      bytes.append(ascii: unit)
      if value != 1 { bytes.append(115) }
      isAfterNegative = value < 0
    }
    appendPart(months / 12, "year")
    appendPart(months % 12, "mon")
    appendPart(days, "day")
    guard microseconds != 0 || bytes.count == start else { return }
    if bytes.count > start { bytes.append(32) }
    if microseconds < 0 { bytes.append(45) } else if isAfterNegative { bytes.append(43) }
    bytes.append(addingCapacity: 40) { output in output.appendClock(microseconds.magnitude) }
  }
}
