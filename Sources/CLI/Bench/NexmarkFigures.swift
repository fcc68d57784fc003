/// What a run of the benchmark measured.
struct NexmarkFigures {
  /// Rows that the streams brought.
  var rows: Int
  var seconds: Double
  var cpuSeconds: Double
  var peakMegabytes: Int
  var stateBytes: Int
  /// Ascending; from a tick's first batch until its changes were published. Empty where the view is kept.
  var tickNanoseconds: [Int64]
  /// Net.
  var outRows: Int64
  var checksum: UInt64?

  /// One object on one line.
  func json(_ query: NexmarkQuery, _ events: Int, checksum: UInt64) -> String {
    let rate = Double(rows) / max(cpuSeconds, 1e-6)
    var fields: [(String, String)] = [
      ("query", "\"\(query.name)\""), ("events", "\(events)"), ("rows", "\(rows)"), ("seconds", Self.decimal(seconds)),
      ("cpu_s", Self.decimal(cpuSeconds)), ("rows_per_cpu_s", "\(Int(rate))"),
      ("events_per_s", "\(Int(Double(events) / max(seconds, 1e-6)))"), ("rss_mb", "\(peakMegabytes)"),
      ("state_bytes", "\(stateBytes)"),
    ]
    let latency = tickNanoseconds.isEmpty
      ? "null"
      : "{\"p50\": \(percentile(50)), \"p99\": \(percentile(99)), \"max\": \(percentile(100))}"
    fields.append(("latency_ms", latency))
    fields.append(("out_rows", "\(outRows)"))
    let digits = String(checksum, radix: 16)
    fields.append(("checksum", "\"\(String(repeating: "0", count: 16 - digits.count))\(digits)\""))
    if let flink = query.flinkRowsPerCPUSecond {
      fields.append(("five_times_flink", "\(Int(5 * flink))"))
    }
    return "{" + fields.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}\n"
  }

  /// Milliseconds that `share` percent of the ticks took at most.
  private func percentile(_ share: Int) -> String {
    let index = max((tickNanoseconds.count * share + 99) / 100 - 1, 0)
    return Self.decimal(Double(tickNanoseconds[index]) / 1e6)
  }

  /// With three places.
  private static func decimal(_ value: Double) -> String {
    let thousandths = Int((value * 1000).rounded())
    let places = String(thousandths % 1000)
    return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - places.count))\(places)"
  }
}
