/// A word in the text of a date or timestamp (PostgreSQL's `datetktbl`).
enum DateTimeWord: Equatable {
  case month(Int)
  case dayOfWeek
  case unit(DateTimeField)
  case infinity, negativeInfinity, epoch
  /// `now`, `today`, ...: what they mean needs a clock.
  case clock
  /// Midnight in UTC: `allballs`.
  case midnight
  case anteMeridiem, postMeridiem
  case beforeChrist, annoDomini
  /// `t` before a time.
  case isoTime
  /// `dst` after a zone.
  case daylight
  /// Seconds east of Greenwich.
  case zone(Int, isDaylight: Bool)
  case ignored

  /// `word` is in lower case.
  init?(_ word: String) {
    switch word {
    case "jan", "january": self = .month(1)
    case "feb", "february": self = .month(2)
    case "mar", "march": self = .month(3)
    case "apr", "april": self = .month(4)
    case "may": self = .month(5)
    case "jun", "june": self = .month(6)
    case "jul", "july": self = .month(7)
    case "aug", "august": self = .month(8)
    case "sep", "sept", "september": self = .month(9)
    case "oct", "october": self = .month(10)
    case "nov", "november": self = .month(11)
    case "dec", "december": self = .month(12)
    case "sun", "sunday", "mon", "monday", "tue", "tues", "tuesday", "wed", "weds", "wednesday", "thu", "thur", "thurs",
      "thursday", "fri", "friday", "sat", "saturday":
      self = .dayOfWeek
    case "d": self = .unit(.day)
    case "dow": self = .unit(.dayOfWeek)
    case "doy": self = .unit(.dayOfYear)
    case "h": self = .unit(.hour)
    case "isodow": self = .unit(.isoDayOfWeek)
    case "isoyear": self = .unit(.isoYear)
    case "j", "jd", "julian": self = .unit(.julian)
    case "m": self = .unit(.month)
    case "mm": self = .unit(.minute)
    case "s": self = .unit(.second)
    case "y": self = .unit(.year)
    case "infinity": self = .infinity
    case "-infinity": self = .negativeInfinity
    case "epoch": self = .epoch
    case "now", "today", "tomorrow", "yesterday": self = .clock
    case "allballs": self = .midnight
    case "am": self = .anteMeridiem
    case "pm": self = .postMeridiem
    case "bc": self = .beforeChrist
    case "ad": self = .annoDomini
    case "t": self = .isoTime
    case "dst": self = .daylight
    case "at", "on": self = .ignored
    default: return nil
    }
  }

  /// Abbreviations of zones with a fixed distance from Greenwich, as PostgreSQL's default set has them.
  static func zone(_ word: String) -> DateTimeWord? {
    func standard(_ hours: Int, _ minutes: Int = 0) -> DateTimeWord {
      .zone((hours * 60 + minutes) * 60, isDaylight: false)
    }
    func daylight(_ hours: Int, _ minutes: Int = 0) -> DateTimeWord {
      .zone((hours * 60 + minutes) * 60, isDaylight: true)
    }
    switch word {
    case "z", "zulu", "utc", "uct", "ut", "gmt", "wet": return standard(0)
    case "bst", "west": return daylight(1)
    case "cet": return standard(1)
    case "cest": return daylight(2)
    case "eet": return standard(2)
    case "eest": return daylight(3)
    case "jst", "kst": return standard(9)
    case "awst": return standard(8)
    case "aest": return standard(10)
    case "aedt": return daylight(11)
    case "acst": return standard(9, 30)
    case "acdt": return daylight(10, 30)
    case "nzst": return standard(12)
    case "nzdt": return daylight(13)
    case "est": return standard(-5)
    case "edt": return daylight(-4)
    case "cst": return standard(-6)
    case "cdt": return daylight(-5)
    case "mst": return standard(-7)
    case "mdt": return daylight(-6)
    case "pst": return standard(-8)
    case "pdt": return daylight(-7)
    case "akst": return standard(-9)
    case "akdt": return daylight(-8)
    case "hst": return standard(-10)
    default: return nil
    }
  }
}
