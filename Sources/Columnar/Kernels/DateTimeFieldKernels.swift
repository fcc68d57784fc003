package import SQLTypes

/// Fields of dates, times and intervals, and values made of fields.
extension Column {
  /// EXTRACT and `date_part`, as numeric; null where an infinity has no such field.
  ///
  /// - fields: names of fields; a run of equal names is looked up once. Errors: 22023, 0A000, 22003.
  package static func extract(_ fields: Column, from values: Column, _ type: SQLType) -> CheckedResult {
    var reader = FieldReader(fields, type)
    return checkedValues([fields, values], NumericCell.self, into: .numeric) { (row) throws(SQLError) in
      let field = try reader.field(row)
      let number: Numeric?
      switch type {
      case .date: number = try SQLDate(days: values.value(row, as: Int32.self)).extract(field)
      case .interval: number = try values.value(row, as: Interval.self).extract(field)
      default:
        let time = SQLTimestamp(microseconds: values.value(row, as: Int64.self))
        number = try time.extract(field, zoned: type == .timestamptz)
      }
      return number.map { NumericCell($0) }
    }
  }

  /// `date_trunc(field, value)`. Errors: 22023, 0A000, 22008.
  package static func truncate(_ fields: Column, _ values: Column, _ type: SQLType) -> CheckedResult {
    var reader = FieldReader(fields, type)
    if type == .interval {
      return checkedValues([fields, values], Interval.self, into: .interval) { (row) throws(SQLError) in
        try values.value(row, as: Interval.self).truncated(to: try reader.field(row))
      }
    }
    return checkedValues([fields, values], Int64.self, into: .int64) { (row) throws(SQLError) in
      let time = SQLTimestamp(microseconds: values.value(row, as: Int64.self))
      return try time.truncated(to: try reader.field(row), zoned: type == .timestamptz).microseconds
    }
  }

  /// `age(later, earlier)` in years, months, days and time. Errors: 22008.
  package static func age(_ lhs: Column, _ rhs: Column) -> CheckedResult {
    checkedPairs(lhs, rhs, Int64.self, Int64.self, into: .interval) { (a, b) throws(SQLError) in
      try SQLTimestamp(microseconds: a).age(since: SQLTimestamp(microseconds: b))
    }
  }

  /// `date_bin(stride, source, origin)`. Errors: 0A000, 22008.
  package static func bin(_ strides: Column, _ times: Column, _ origins: Column) -> CheckedResult {
    if strides.isConstant, origins.isConstant, times.count > 0, !strides.isNull(0), !origins.isNull(0),
      let bins = TimeBins(
        stride: strides.value(0, as: Interval.self), origin: SQLTimestamp(microseconds: origins.value(0, as: Int64.self)))
    {
      let result = mapRows(times, Int64.self, into: .int64) { bins.start($0) }
      if result.failures.isEmpty { return CheckedResult(result.column) }
    }
    return checkedValues([strides, times, origins], Int64.self, into: .int64) { (row) throws(SQLError) in
      let origin = SQLTimestamp(microseconds: origins.value(row, as: Int64.self))
      let time = SQLTimestamp(microseconds: times.value(row, as: Int64.self))
      return try time.binned(by: strides.value(row, as: Interval.self), from: origin).microseconds
    }
  }

  package static func justify(hours: Bool, days: Bool, _ input: Column) -> CheckedResult {
    checkedRows(input, Interval.self, into: .interval) { (value) throws(SQLError) in
      try hours && days ? value.justified() : hours ? value.justifyingHours() : value.justifyingDays()
    }
  }

  /// `isfinite` of a date, a timestamp or an interval, which always is.
  package static func isFinite(_ input: Column) -> CheckedResult {
    switch input.physicalType {
    case .int32: checkedRows(input, Int32.self, into: .bool) { (days) throws(SQLError) in byte(SQLDate(days: days).isFinite) }
    case .interval: checkedRows(input, Interval.self, into: .bool) { (_) throws(SQLError) in 1 as UInt8 }
    default:
      checkedRows(input, Int64.self, into: .bool) { (time) throws(SQLError) in
        byte(SQLTimestamp(microseconds: time).isFinite)
      }
    }
  }

  /// `make_date(year, month, day)`; a negative year is before Christ. Errors: 22008.
  package static func makeDate(_ years: Column, _ months: Column, _ days: Column) -> CheckedResult {
    checkedValues([years, months, days], Int32.self, into: .int32) { (row) throws(SQLError) in
      try date(years.integer(row), months.integer(row), days.integer(row)).days
    }
  }

  /// The date of a year, a month and a day. Errors: 22008.
  static func date(_ year: Int, _ month: Int, _ day: Int) throws(SQLError) -> SQLDate {
    // There is no year zero: the year before 1 is -1.
    let civilYear = year < 0 ? year + 1 : year
    guard year != 0, (1...12).contains(month), day >= 1, day <= CivilDate.daysInMonth(month, of: civilYear) else {
      let text = "\(year)-\(month < 10 && month >= 0 ? "0" : "")\(month)-\(day < 10 && day >= 0 ? "0" : "")\(day)"
      throw SQLError(.datetimeFieldOverflow, "date field value out of range: \(text)")
    }
    guard let date = SQLDate(CivilDate(year: civilYear, month: month, day: day)) else {
      throw SQLError(.datetimeFieldOverflow, "date out of range: \(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)")
    }
    return date
  }

  /// `to_timestamp(seconds)`. Errors: 22008; NaN has no time.
  package static func timestamps(fromSeconds input: Column) -> CheckedResult {
    checkedRows(input, Double.self, into: .int64) { (seconds) throws(SQLError) in
      if seconds.isNaN { throw SQLError(.datetimeFieldOverflow, "timestamp cannot be NaN") }
      if seconds.isInfinite { return seconds > 0 ? Int64.max : Int64.min }
      let microseconds = (seconds * 1_000_000).rounded(.toNearestOrEven)
      guard microseconds.magnitude < 9.2e18, let time = SQLTimestamp(checking: Int64(microseconds)) else {
        throw SQLError(.datetimeFieldOverflow, "timestamp out of range: \"\(seconds)\"")
      }
      return time.microseconds
    }
  }

  /// Times moved by a fixed offset from UTC. Errors: 22008.
  package static func shift(_ input: Column, microseconds: Int64) -> CheckedResult {
    checkedRows(input, Int64.self, into: .int64) { (time) throws(SQLError) in
      let time = SQLTimestamp(microseconds: time)
      return time.isFinite ? try time.adding(microseconds: microseconds).microseconds : time.microseconds
    }
  }
}

/// Looks up the names of fields, each run of equal names once.
private struct FieldReader {
  private let names: Column
  private let type: SQLType
  private var known: (name: [UInt8], field: DateTimeField)?

  init(_ names: Column, _ type: SQLType) {
    self.names = names
    self.type = type
  }

  mutating func field(_ row: Int) throws(SQLError) -> DateTimeField {
    let bytes = names.bytes(row)
    if let known, known.name.elementsEqual(bytes) { return known.field }
    let name = String(decoding: bytes, as: UTF8.self)
    guard let field = DateTimeField(named: name) else { throw .unrecognizedUnit(name, of: type) }
    known = (Array(bytes), field)
    return field
  }
}
