import Engine
import Platform
import SQLTypes

extension CommandLineTool {
  /// `leat bench nexmark --query`: one JSON line, or 1 for what went wrong and 2 for what this build does not have.
  func run(_ options: BenchOptions, query name: String, input: String) -> Int32 {
    guard let query = NexmarkQuery.named(name) else { return refuse("leat bench nexmark --query \(name)") }
    do throws(SQLError) {
      let run = NexmarkRun(
        query, input: input, isPreloaded: options.isPreloaded, workers: options.workers, sink: options.sink)
      let figures = try run.measure()
      let expected = query.rows(ofEvents: options.events)
      if figures.rows != expected {
        errors(
          "leat bench: \(input): \(options.events) events make \(expected) rows for \(name), but \(figures.rows) were read\n")
        return 1
      }
      let checksum = if let known = figures.checksum { known } else { try run.checksum() }
      output(figures.json(query, options.events, checksum: checksum))
      return 0
    } catch {
      errors("leat bench: \(error.message)\n")
      return 1
    }
  }
}
