import Columnar
import SQLTypes

/// PostgreSQL's functions of dates, times and intervals; the session's time zone is UTC.
enum DateTimeFunctions {
  static let overloads: [Overload] = fields + spans + made

  private static let fields: [Overload] = {
    var overloads: [Overload] = []
    for type in [SQLType.date, .timestamp, .timestamptz, .interval] {
      overloads.append(Overload(ScalarFunction("extract", [.text, type], .numeric(nil)) { arguments, _ in
        FunctionOutput(Column.extract(arguments[0], from: arguments[1], type))
      }))
      // A date's part is its midnight's: date_part knows the hour of a date, EXTRACT does not.
      let read = type == .date ? SQLType.timestamp : type
      overloads.append(Overload([.text, type], ScalarFunction("date_part", [.text, read], .double) { arguments, _ in
        let numbers = Column.extract(arguments[0], from: arguments[1], read)
        let doubles = Column.convert(numericCells: numbers.column, to: .float64)
        return FunctionOutput(doubles.column, errors: numbers.errors + doubles.errors)
      }))
      guard type != .date else { continue }
      overloads.append(Overload(ScalarFunction("date_trunc", [.text, type], type) { arguments, _ in
        FunctionOutput(Column.truncate(arguments[0], arguments[1], type))
      }))
    }
    return overloads
  }()

  private static let spans: [Overload] = {
    var overloads: [Overload] = []
    for type in [SQLType.timestamp, .timestamptz] {
      overloads.append(Overload(ScalarFunction("age", [type, type], .interval) { arguments, _ in
        FunctionOutput(Column.age(arguments[0], arguments[1]))
      }))
      overloads.append(Overload(ScalarFunction("date_bin", [.interval, type, type], type) { arguments, _ in
        FunctionOutput(Column.bin(arguments[0], arguments[1], arguments[2]))
      }))
    }
    for (name, hours, days) in [
      ("justify_hours", true, false), ("justify_days", false, true), ("justify_interval", true, true),
    ] {
      overloads.append(Overload(ScalarFunction(name, [.interval], .interval) { arguments, _ in
        FunctionOutput(Column.justify(hours: hours, days: days, arguments[0]))
      }))
    }
    return overloads + [SQLType.date, .timestamp, .timestamptz, .interval].map { type in
      Overload(ScalarFunction("isfinite", [type], .boolean) { arguments, _ in
        FunctionOutput(Column.isFinite(arguments[0]))
      })
    }
  }()

  private static let made: [Overload] = [
    Overload(ScalarFunction("make_date", [.integer, .integer, .integer], .date) { arguments, _ in
      FunctionOutput(Column.makeDate(arguments[0], arguments[1], arguments[2]))
    }),
    timestamp("make_timestamp", .timestamp),
    // The session's time zone is UTC.
    timestamp("make_timestamptz", .timestamptz),
    Overload(
      ScalarFunction("make_interval", Array(repeating: .integer, count: 6) + [.double], .interval) { arguments, _ in
        FunctionOutput(Column.makeInterval(arguments))
      }),
    Overload(ScalarFunction("to_timestamp", [.double], .timestamptz) { arguments, _ in
      FunctionOutput(Column.timestamps(fromSeconds: arguments[0]))
    }),
  ]

  private static func timestamp(_ name: String, _ type: SQLType) -> Overload {
    Overload(ScalarFunction(name, Array(repeating: .integer, count: 5) + [.double], type) { arguments, _ in
      FunctionOutput(Column.makeTimestamp(arguments))
    })
  }
}
