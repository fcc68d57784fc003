import Columnar
import SQLTypes

/// Arithmetic of dates, timestamps and intervals, as `pg_operator` lists it.
enum DateTimeOperators {
  static let infix: [Overload] = shifts + differences + [
    Overload(ScalarFunction("+", [.interval, .interval], .interval) { arguments, _ in
      FunctionOutput(Column.addIntervals(arguments[0], arguments[1], isBackward: false))
    }),
    Overload(ScalarFunction("-", [.interval, .interval], .interval) { arguments, _ in
      FunctionOutput(Column.addIntervals(arguments[0], arguments[1], isBackward: true))
    }),
    Overload(ScalarFunction("*", [.interval, .double], .interval) { arguments, _ in
      FunctionOutput(Column.scaleIntervals(arguments[0], by: arguments[1], isDivision: false))
    }),
    Overload(ScalarFunction("*", [.double, .interval], .interval) { arguments, _ in
      FunctionOutput(Column.scaleIntervals(arguments[1], by: arguments[0], isDivision: false))
    }),
    Overload(ScalarFunction("/", [.interval, .double], .interval) { arguments, _ in
      FunctionOutput(Column.scaleIntervals(arguments[0], by: arguments[1], isDivision: true))
    }),
  ]

  static let prefix: [Overload] = [
    Overload(ScalarFunction("-", [.interval], .interval) { arguments, _ in
      FunctionOutput(Column.negate(intervals: arguments[0]))
    })
  ]

  /// A date or timestamp moved by days or an interval. A date and an interval make a timestamp.
  private static let shifts: [Overload] = {
    var overloads: [Overload] = []
    func add(_ name: String, _ left: SQLType, _ right: SQLType, _ function: ScalarFunction) {
      overloads.append(Overload([left, right], function))
    }
    for (name, isBackward) in [("+", false), ("-", true)] {
      add(name, .date, .integer, ScalarFunction(name, [.date, .integer], .date) { arguments, _ in
        FunctionOutput(Column.shiftDates(arguments[0], by: arguments[1], isBackward: isBackward))
      })
      let times: [(SQLType, SQLType)] = [(.date, .timestamp), (.timestamp, .timestamp), (.timestamptz, .timestamptz)]
      for (type, result) in times {
        add(name, type, .interval, ScalarFunction(name, [result, .interval], result) { arguments, _ in
          FunctionOutput(Column.shiftTimestamps(arguments[0], by: arguments[1], isBackward: isBackward))
        })
        guard !isBackward else { continue }
        add(name, .interval, type, ScalarFunction(name, [.interval, result], result) { arguments, _ in
          FunctionOutput(Column.shiftTimestamps(arguments[1], by: arguments[0], isBackward: false))
        })
      }
    }
    add("+", .integer, .date, ScalarFunction("+", [.integer, .date], .date) { arguments, _ in
      FunctionOutput(Column.shiftDates(arguments[1], by: arguments[0], isBackward: false))
    })
    return overloads
  }()

  private static let differences: [Overload] = [
    Overload(ScalarFunction("-", [.date, .date], .integer) { arguments, _ in
      FunctionOutput(Column.daysBetween(arguments[0], arguments[1]))
    })
  ] + [SQLType.timestamp, .timestamptz].map { type in
    Overload(ScalarFunction("-", [type, type], .interval) { arguments, _ in
      FunctionOutput(Column.timeBetween(arguments[0], arguments[1]))
    })
  }
}
