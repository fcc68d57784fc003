/// A part of a date, time or interval: what EXTRACT takes and `date_trunc` cuts at.
package enum DateTimeField: UInt8, Hashable, Sendable, CaseIterable {
  case microseconds, milliseconds, second, minute, hour, day, week, month, quarter, year, decade, century, millennium
  case dayOfWeek, isoDayOfWeek, dayOfYear, isoYear, julian, epoch
  case timezone, timezoneHour, timezoneMinute

  /// The name that errors give it.
  package var name: String {
    switch self {
    case .dayOfWeek: "dow"
    case .isoDayOfWeek: "isodow"
    case .dayOfYear: "doy"
    case .isoYear: "isoyear"
    case .timezoneHour: "timezone_hour"
    case .timezoneMinute: "timezone_minute"
    default: "\(self)"
    }
  }

  /// The field that PostgreSQL knows under `name`, in any case of letters: `year`, `years`, `yr`, `y`, ...
  package init?(named name: String) {
    let word = String(name.lowercased().prefix(10))
    if let unit = DateTimeField(intervalUnit: word) {
      self = unit
    } else if case .unit(let unit)? = DateTimeWord(word) {
      self = unit
    } else if word == "epoch" {
      self = .epoch
    } else {
      return nil
    }
  }

  /// A unit in the text of an interval (PostgreSQL's `deltatktbl`), in lower case.
  init?(intervalUnit word: String) {
    switch word {
    case "us", "usec", "usecs", "usecond", "useconds", "microsecon": self = .microseconds
    case "ms", "msec", "msecs", "msecond", "mseconds", "millisecon": self = .milliseconds
    case "s", "sec", "secs", "second", "seconds": self = .second
    case "m", "min", "mins", "minute", "minutes": self = .minute
    case "h", "hr", "hrs", "hour", "hours": self = .hour
    case "d", "day", "days": self = .day
    case "w", "week", "weeks": self = .week
    case "mon", "mons", "month", "months": self = .month
    case "qtr", "quarter": self = .quarter
    case "y", "yr", "yrs", "year", "years": self = .year
    case "dec", "decs", "decade", "decades": self = .decade
    case "c", "cent", "century", "centuries": self = .century
    case "mil", "mils", "millennia", "millennium": self = .millennium
    case "timezone": self = .timezone
    case "timezone_h": self = .timezoneHour
    case "timezone_m": self = .timezoneMinute
    default: return nil
    }
  }

  /// 0A000: `type`, named as PostgreSQL does, has no such field.
  func notSupported(_ type: String) -> SQLError {
    SQLError(.featureNotSupported, "unit \"\(name)\" not supported for type \(type)")
  }
}

extension SQLError {
  /// `unit "fortnight" not recognized for type interval`
  package static func unrecognizedUnit(_ name: String, of type: SQLType) -> SQLError {
    SQLError(.invalidParameterValue, "unit \"\(name.lowercased())\" not recognized for type \(type.baseName)")
  }
}
