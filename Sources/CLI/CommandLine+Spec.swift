import Connectors
import Engine
import Platform
import SQLTypes
import SpecRunner

extension CommandLineTool {
  /// `leat spec`: runs files of specification; 0 if all records hold, 1 if one does not or a file cannot be read.
  func run(_ options: SpecOptions) -> Int32 {
    var runnerOptions = SpecRunner.Options()
    runnerOptions.comparesViews = options.keepsViews
    if options.keepsViews { runnerOptions.modes = ["views"] }
    var reports: [(path: String, report: SpecReport)] = []
    for path in options.files {
      let text: String
      do throws(PlatformError) {
        text = String(decoding: try FileDescriptor(opening: path, .read).readToEnd(), as: UTF8.self)
      } catch {
        errors("leat spec: \(path): \(error)\n")
        return 1
      }
      do throws(SQLError) {
        runnerOptions.directory = Self.folder(of: path)
        let report = try Self.report(text, runnerOptions)
        for failure in report.failures { errors("\(path):\(failure.line): \(failure)\n") }
        reports.append((path, report))
      } catch {
        errors("leat spec: \(error.message)\n")
        return 1
      }
    }
    output(options.isJSON ? Self.json(reports) : Self.summary(reports, options.keepsViews))
    return reports.allSatisfy { $0.report.failures.isEmpty } ? 0 : 1
  }

  /// Runs a file on an engine of its own: on a temporary directory if the file restarts it, else on none.
  private static func report(_ text: String, _ options: SpecRunner.Options) throws(SQLError) -> SpecReport {
    guard SpecRunner.restarts(text) else {
      return SpecRunner.run(text, on: try EngineInstance { () throws(SQLError) in try Engine(connectors: .all) }, options)
    }
    return try DataDirectory.withTemporary { (path) throws(SQLError) in
      let instance = try EngineInstance(keepsData: true) { () throws(SQLError) in
        try DataDirectory.open(.directory(path), workers: 1)
      }
      return SpecRunner.run(text, on: instance, options)
    }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func summary(_ reports: [(path: String, report: SpecReport)], _ hasViews: Bool) -> String {
    let passed = reports.reduce(0) { $0 + $1.report.passed }
    let failed = reports.reduce(0) { $0 + $1.report.failures.count }
    let skipped = reports.reduce(0) { $0 + $1.report.skipped }
    var text = "\(passed) passed, \(failed) failed" + (skipped > 0 ? ", \(skipped) skipped" : "") + "\n"
    guard hasViews else { return text }
    text += "\(reports.reduce(0) { $0 + $1.report.viewsCompared }) queries hold as views\n"
    for (reason, count) in refusals(reports) { text += "\(count) could not be made a view: \(reason)\n" }
    return text
  }

  /// Why queries could not be made views, the commonest first.
  private static func refusals(_ reports: [(path: String, report: SpecReport)]) -> [(String, Int)] {
    var counts: [String: Int] = [:]
    for (_, report) in reports { counts.merge(report.viewsRefused, uniquingKeysWith: +) }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
  }

  /// One object on one line.
  private static func json(_ reports: [(path: String, report: SpecReport)]) -> String {
    let files = reports.map { path, report in
      let failures = report.failures.map { "{\"line\": \($0.line), \"text\": \(quoted($0.description))}" }
      return "{\"file\": \(quoted(path)), \"passed\": \(report.passed), \"failed\": \(report.failures.count), "
        + "\"skipped\": \(report.skipped), \"failures\": [\(failures.joined(separator: ", "))]}"
    }
    let refused = refusals(reports).map { "\(quoted($0.0)): \($0.1)" }
    let (passed, failed, skipped, compared) = reports.reduce((0, 0, 0, 0)) {
      ($0.0 + $1.report.passed, $0.1 + $1.report.failures.count, $0.2 + $1.report.skipped, $0.3 + $1.report.viewsCompared)
    }
    return "{\"passed\": \(passed), \"failed\": \(failed), \"skipped\": \(skipped), \"views\": {\"compared\": \(compared), "
      + "\"refused\": {\(refused.joined(separator: ", "))}}, \"files\": [\(files.joined(separator: ", "))]}\n"
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case _ where scalar.value < 32:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
