import TestSupport
import SQLTypes

/// What a scenario does next.
package enum ScenarioStep: Sendable {
  case view(name: String, isMaterialized: Bool, query: RandomQuery)
  /// One statement outside a transaction.
  case write(RandomWrite)
  /// Statements between BEGIN and COMMIT, or ROLLBACK.
  case transaction([RandomWrite], commits: Bool)
}

/// Tables and streams, and a sequence of views made and rows written, the last of which empty all tables.
package struct Scenario: Sendable {
  package var tables: [RandomTable]
  package var steps: [ScenarioStep]
}

/// A scenario as the choices that make it: it can be made again, and cut (`shrunk`).
package struct ScenarioChoices: Sendable {
  package enum Kind: Sendable { case view, write }
  package struct Part: Sendable {
    package var kind: Kind
    /// Nil before the scenario was made for the first time.
    package var choices: [UInt32]?
  }

  package var tables: [UInt32]?
  package var parts: [Part]
  private let seed: UInt64
  private let ordersTotally: Bool
  private let hasStreams: Bool

  /// - Parameters:
  ///   - viewCount: at least one; about half are made before most writes, the others amid them.
  ///   - writeCount: steps that write.
  ///   - hasStreams: what has no key is a stream, every second time.
  package init(
    seed: UInt64, viewCount: Int = 3, writeCount: Int = 14, ordersTotally: Bool = false, hasStreams: Bool = false
  ) {
    self.hasStreams = hasStreams
    self.seed = seed
    self.ordersTotally = ordersTotally
    parts = (0..<writeCount).map { _ in Part(kind: .write) }
    var random = SeededRandom(seed: seed &* 31 &+ 7)
    parts.insert(Part(kind: .view), at: min(2, writeCount))
    for _ in 1..<max(viewCount, 1) {
      parts.insert(Part(kind: .view), at: Int.random(in: 0...parts.count * 2 / 3, using: &random))
    }
    _ = make()
  }

  /// The scenario; the choices that were drawn for it are kept.
  package mutating func make() -> Scenario {
    var choices = tables.map { Choices(replaying: $0) } ?? Choices(seed: seed)
    let tableCount = 1 + choices.below(3)
    var definitions = (0..<tableCount).map { RandomTable(name: "t\($0 + 1)", &choices) }
    if hasStreams {
      for index in definitions.indices where definitions[index].primaryKey.isEmpty { definitions[index].isStream = choices.chance(50) }
    }
    tables = choices.drawn
    var scenario = Scenario(tables: definitions, steps: [])
    var model = TableModel(definitions)
    var sources = definitions.map { QuerySource($0) }
    var viewCount = 0
    for index in parts.indices {
      var choices = parts[index].choices.map { Choices(replaying: $0) } ?? Choices(seed: seed &+ UInt64(index + 1) &* 0x9e37_79b9)
      switch parts[index].kind {
      case .view:
        viewCount += 1
        let name = "v\(viewCount)"
        let isMaterialized = !choices.chance(10)
        let depth = choices.weighted([(1, 0), (4, 1), (4, 2), (2, 3)])
        var generator = QueryGenerator(sources: sources, ordersTotally: ordersTotally, choices)
        let query = generator.query(depth: depth)
        choices = generator.choices
        scenario.steps.append(.view(name: name, isMaterialized: isMaterialized, query: query))
        // Later queries often read the view: as often as all that was there before.
        for _ in 0..<(choices.chance(50) ? sources.count : 0) { sources.append(query.source(named: name)) }
      case .write:
        let isTransaction = choices.chance(15)
        let commits = !choices.chance(25)
        let before = model
        var writes: [RandomWrite] = []
        for _ in 0..<(isTransaction ? 2 + choices.below(3) : 1) {
          let table = choices.below(definitions.count)
          let write = RandomWrite(table: table, of: definitions, rows: model.rows[table], &choices)
          writes.append(write)
          // A statement that fails ends its transaction.
          if model.apply(write) != nil { break }
        }
        if isTransaction, !commits { model = before }
        scenario.steps.append(isTransaction ? .transaction(writes, commits: commits) : .write(writes[0]))
      }
      parts[index].choices = choices.drawn
    }
    for table in definitions.indices where !definitions[table].isStream { scenario.steps.append(.write(RandomWrite(deletingAllOf: table))) }
    return scenario
  }
}

extension ScenarioChoices {
  /// The smallest scenario found that still fails, by leaving out steps, then stretches of choices, then by making choices
  /// smaller.
  ///
  /// - Parameter attempts: how often `fails` is asked at most.
  package func shrunk(attempts: Int = 400, while fails: (Scenario) -> Bool) -> ScenarioChoices {
    var best = self
    var left = attempts
    func accept(_ candidate: ScenarioChoices) -> Bool {
      guard left > 0 else { return false }
      var candidate = candidate
      let scenario = candidate.make()
      // Making it may have drawn new choices behind the cut ones; only what is simpler counts, so that shrinking ends.
      left -= 1
      guard candidate.size.lexicographicallyPrecedes(best.size), fails(scenario) else { return false }
      best = candidate
      return true
    }
    var improved = true
    while improved, left > 0 {
      improved = false
      // Steps, from the last: what is made late depends on more.
      for index in best.parts.indices.reversed() {
        var candidate = best
        candidate.parts.remove(at: index)
        improved = accept(candidate) || improved
      }
      for place in [-1] + Array(best.parts.indices) {
        for length in [32, 8, 2, 1] {
          var start = 0
          while start < best.list(place).count {
            var candidate = best
            var list = best.list(place)
            list.removeSubrange(start..<min(start + length, list.count))
            candidate.setList(place, list)
            if accept(candidate) { improved = true } else { start += length }
            if left == 0 { return best }
          }
        }
        for start in best.list(place).indices where start < best.list(place).count && best.list(place)[start] > 0 {
          var candidate = best
          var list = best.list(place)
          list[start] = 0
          candidate.setList(place, list)
          improved = accept(candidate) || improved
        }
      }
    }
    return best
  }

  /// Steps, choices and their sum: the smaller, the simpler.
  private var size: [Int] {
    let choices = ([-1] + Array(parts.indices)).flatMap { list($0) }
    return [parts.count, choices.count, choices.reduce(0) { $0 + Int($1) }]
  }

  /// The tables' choices for -1, else a step's.
  private func list(_ place: Int) -> [UInt32] {
    place < 0 ? tables ?? [] : (place < parts.count ? parts[place].choices ?? [] : [])
  }

  private mutating func setList(_ place: Int, _ list: [UInt32]) {
    if place < 0 { tables = list } else { parts[place].choices = list }
  }
}

extension ScenarioStep {
  /// The step as SQL statements.
  package func statements(_ tables: [RandomTable]) -> [String] {
    switch self {
    case .view(let name, let isMaterialized, let query):
      ["CREATE \(isMaterialized ? "MATERIALIZED VIEW" : "VIEW") \(name) AS \(query.sql)"]
    case .write(let write): [write.sql(tables)]
    case .transaction(let writes, let commits): ["BEGIN"] + writes.map { $0.sql(tables) } + [commits ? "COMMIT" : "ROLLBACK"]
    }
  }
}
