import Columnar
import Expressions
import SQLTypes
import StateMemory
import TestSupport
import Testing
import ZSets

@testable import Dataflow

private typealias Cell = JoinModel.Cell
private typealias Row = JoinModel.Row
private typealias ZSet = JoinModel.ZSet

/// A condition over two bigint columns: fails where they are equal, else whether the first is the greater one.
private func condition(_ a: Int, _ b: Int) -> BoundExpression {
  let function = ScalarFunction("greater_or_fail", [.bigint, .bigint], .boolean) { arguments, count in
    var builder = ColumnBuilder<UInt8>(.bool, capacity: count)
    var errors: [(row: Int, error: SQLError)] = []
    for row in 0..<count {
      if arguments[0].isNull(row) || arguments[1].isNull(row) {
        builder.appendNull()
        continue
      }
      let (x, y) = (arguments[0].value(row, as: Int64.self), arguments[1].value(row, as: Int64.self))
      if x == y { errors.append((row, .divisionByZero())) }
      builder.append(x > y ? 1 : 0)
    }
    return FunctionOutput(builder.finish(), errors: errors)
  }
  return .call(function, [.column(a, .bigint), .column(b, .bigint)], SourceRange(0, 0))
}

private func verdict(_ row: Row, _ a: Int, _ b: Int) -> JoinModel.Verdict {
  guard case .int(let x) = row[a], case .int(let y) = row[b] else { return .no }
  return x == y ? .fails : x > y ? .yes : .no
}

/// Random rows of (key, second key, bigint, text), few enough that they meet and repeat.
private struct RowMaker {
  var random: SeededRandom
  let keyType: SQLType
  let keyCount: UInt64
  static let texts = ["a", "", "twelve bytes", "a text of more than twelve bytes", "a text of more than twelve bytfs"]

  mutating func below(_ limit: UInt64) -> UInt64 { random.next() % limit }

  mutating func key() -> Cell {
    if below(8) == 0 { return .null }
    let number = below(keyCount)
    switch keyType {
    case .text: return .text("key number \(number) of a long kind")
    case .double: return .double([0.0, -0.0, .nan, -.nan, 1.5, Double(number)][Int(below(6))].bitPattern)
    default: return .int(Int64(number))
    }
  }

  mutating func row() -> Row {
    [
      key(), below(10) == 0 ? .null : .int(Int64(below(2))), below(10) == 0 ? .null : .int(Int64(below(4))),
      .text(Self.texts[Int(below(5))]),
    ]
  }

  var types: [SQLType] { [keyType, .bigint, .bigint, .text] }

  mutating func errorRow() -> Row {
    var row = row()
    var bits: Int64 = 0
    if below(2) == 0 {
      bits = [1, 2, 4, 8, 5, 6][Int(below(6))]
      for column in 0..<4 where bits >> Int64(column) & 1 == 1 { row[column] = .null }
    }
    return row + [.int(bits), .text("22012"), .text("division by zero of row \(below(2))"), .int(7)]
  }

  /// Changes of one tick: insertions, and retractions of rows that are there, some before the insertion that they cancel.
  mutating func changes(of set: ZSet, count: Int, isWild: Bool, _ make: (inout RowMaker) -> Row) -> [(Row, Int64)] {
    var now = set
    var pool = set.keys.map { ("\($0)", $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    var result: [(Row, Int64)] = []
    for _ in 0..<count {
      let changed: (Row, Int64)
      if below(5) < 2, !pool.isEmpty {
        let row = pool[Int(below(UInt64(pool.count)))]
        guard let weight = now[row] else { continue }
        changed = (row, below(2) == 0 ? -weight : weight > 0 ? -1 : 1)
      } else {
        changed = (make(&self), isWild && below(6) == 0 ? -1 : Int64(below(3)) + 1)
        if below(4) == 0 {  // a change that the same tick takes back
          let other = make(&self)
          result.append((other, -2))
          result.append((other, 2))
        }
      }
      pool.append(changed.0)
      result.append(changed)
      JoinModel.add(changed.0, changed.1, to: &now)
    }
    return result.shuffled(using: &random)
  }
}

/// A join with its two inputs, driven as the engine does it.
private final class Driven {
  let left: Arrange
  let right: Arrange
  let join: Join
  var data: ZSet = [:]
  var errors: ZSet = [:]

  init(_ left: Arrange, _ right: Arrange, _ kind: Join.Kind, _ residual: BoundExpression?) {
    self.left = left
    self.right = right
    join = Join(kind: kind, left: left, right: right, residual: residual, origin: 3)
  }

  /// Inputs that have no batch are not run at all.
  func tick(_ leftInput: TickOutput, _ rightInput: TickOutput) {
    var output = TickOutput()
    var leftPassed = TickOutput(), rightPassed = TickOutput()
    run(left, leftInput, &leftPassed)
    if left !== right { run(right, rightInput, &rightPassed) } else { rightPassed = leftPassed }
    for (port, passed) in [leftPassed, rightPassed].enumerated() {
      for batch in passed.batches { _ = join.push(batch, port: port, into: &output) }
      for batch in passed.errors { join.push(batch, port: port, into: &output) }
    }
    join.endTick(into: &output)
    collect(output)
  }

  private func run(_ arrange: Arrange, _ input: TickOutput, _ passed: inout TickOutput) {
    if input.batches.isEmpty && input.errors.isEmpty { return }
    for batch in input.batches { _ = arrange.push(batch, port: 0, into: &passed) }
    for batch in input.errors { arrange.push(batch, port: 0, into: &passed) }
    arrange.endTick(into: &passed)
  }

  func collect(_ output: TickOutput) {
    #expect(JoinModel.collect(output, &data, &errors))
  }

  func backfill(_ count: Int) -> Bool {
    var output = TickOutput()
    join.backfill(count, into: &output)
    collect(output)
    return join.backfillLeft > 0
  }
}

@Suite(.timeLimit(.minutes(3))) struct JoinTests {
  private struct Setting {
    var isLeft: Bool
    var hasResidual: Bool
    var hasErrors: Bool
    var isSelfJoin: Bool
    var keys: [Int]
    var keyType: SQLType

    init(_ seed: Int) {
      isLeft = seed % 2 == 1
      hasResidual = seed / 2 % 2 == 1
      hasErrors = seed / 4 % 2 == 1
      isSelfJoin = seed % 5 == 4
      keys = [[0], [0, 1], [], [0]][seed / 3 % 4]
      keyType = [.bigint, .text, .double][seed % 3]
    }
  }

  private static func input(
    _ data: [(Row, Int64)], _ errors: [(Row, Int64)], _ types: [SQLType], _ random: inout SeededRandom
  ) -> TickOutput {
    let physical = types.map(\.physicalType)
    var input = TickOutput()
    for batch in JoinModel.cut(data, physical, &random) { input.push(batch) }
    for batch in JoinModel.cut(errors, ErrorBatch.types(over: physical), &random) {
      input.push(ErrorBatch(width: types.count, rows: batch))
    }
    return input
  }

  private static func change(
    _ side: inout JoinModel.Side, _ maker: inout RowMaker, _ setting: Setting, isWild: Bool
  ) -> TickOutput {
    let data = maker.changes(of: side.data, count: Int(maker.below(12)), isWild: isWild) { $0.row() }
    let errors =
      setting.hasErrors && maker.below(3) == 0
      ? maker.changes(of: side.errors, count: Int(maker.below(4)), isWild: false) { $0.errorRow() } : []
    for (row, weight) in data { JoinModel.add(row, weight, to: &side.data) }
    for (row, weight) in errors { JoinModel.add(row, weight, to: &side.errors) }
    return input(data, errors, side.types, &maker.random)
  }

  private static func expected(
    _ left: JoinModel.Side, _ right: JoinModel.Side, _ setting: Setting
  ) -> (data: ZSet, errors: ZSet) {
    JoinModel.join(
      left, right, isLeft: setting.isLeft, reads: [2, 6], error: [.text("22012"), .text("division by zero"), .int(3)],
      condition: setting.hasResidual ? { verdict($0, 2, 6) } : nil)
  }

  private static func retraction(_ side: inout JoinModel.Side, _ random: inout SeededRandom) -> TickOutput {
    let data = side.data.map { ($0.key, -$0.value) }, errors = side.errors.map { ($0.key, -$0.value) }
    side.data = [:]
    side.errors = [:]
    return input(data, errors, side.types, &random)
  }

  /// Every kind of join after every tick against the slow one; at the end all is retracted, and no state is left.
  @Test(arguments: 0..<60) func aJoinIsEveryRowAgainstEveryRow(seed: Int) {
    let setting = Setting(seed)
    var maker = RowMaker(random: SeededRandom(seed: UInt64(seed)), keyType: setting.keyType, keyCount: 4)
    let space = StateSpace()
    let left = Arrange(types: maker.types, keys: setting.keys, space: space)
    let right = setting.isSelfJoin ? left : Arrange(types: maker.types, keys: setting.keys, space: space)
    let driven = Driven(left, right, setting.isLeft ? .left : .inner, setting.hasResidual ? condition(2, 6) : nil)
    var leftModel = JoinModel.Side(types: maker.types, keys: setting.keys), rightModel = leftModel
    for tick in 0..<40 {
      let isWild = seed % 7 == 6
      var (leftInput, rightInput) = (TickOutput(), TickOutput())
      if tick % 3 != 1 || setting.isSelfJoin { leftInput = Self.change(&leftModel, &maker, setting, isWild: isWild) }
      if setting.isSelfJoin {
        rightModel = leftModel
      } else if tick % 3 != 2 {
        rightInput = Self.change(&rightModel, &maker, setting, isWild: isWild)
      }
      driven.tick(leftInput, rightInput)
      if tick % 4 == 3 { left.closeTick() }
      let expected = Self.expected(leftModel, rightModel, setting)
      #expect(driven.data == expected.data, "tick \(tick)")
      #expect(driven.errors == expected.errors, "tick \(tick)")
      if driven.data != expected.data || driven.errors != expected.errors { return }
    }
    let rightRetraction = Self.retraction(&rightModel, &maker.random)
    let leftRetraction = Self.retraction(&leftModel, &maker.random)
    driven.tick(leftRetraction, TickOutput())
    if !setting.isSelfJoin { driven.tick(TickOutput(), rightRetraction) }
    #expect(driven.data.isEmpty && driven.errors.isEmpty)
    left.closeTick()
    right.closeTick()
    #expect(driven.join.figures.stateRows == 0 && left.figures.stateRows == 0 && right.figures.stateRows == 0)
    let (rows, keys, errors) = (left.data.rows.count, left.data.rows.keyCount, left.errors?.rows.count ?? 0)
    #expect(rows == 0 && keys == 0 && errors == 0)
  }

  /// Of append-only inputs equal rows are kept one by one; they meet as often.
  @Test(arguments: 0..<12) func appendOnlySidesMeetLikeOthers(seed: Int) {
    let setting = Setting(seed * 2)  // inner joins
    var maker = RowMaker(random: SeededRandom(seed: UInt64(seed) + 500), keyType: setting.keyType, keyCount: 4)
    let space = StateSpace()
    let left = Arrange(types: maker.types, keys: setting.keys, isAppendOnly: true, space: space)
    let right = Arrange(types: maker.types, keys: setting.keys, isAppendOnly: seed % 2 == 0, space: space)
    let driven = Driven(left, right, .inner, setting.hasResidual ? condition(2, 6) : nil)
    var leftModel = JoinModel.Side(types: maker.types, keys: setting.keys), rightModel = leftModel
    for _ in 0..<15 {
      let insertions = (0..<2).map { _ in
        (0..<maker.below(12)).map { _ in (maker.row(), Int64(maker.below(3))) }
      }
      for (row, weight) in insertions[0] { JoinModel.add(row, weight, to: &leftModel.data) }
      for (row, weight) in insertions[1] { JoinModel.add(row, weight, to: &rightModel.data) }
      driven.tick(
        Self.input(insertions[0], [], maker.types, &maker.random), Self.input(insertions[1], [], maker.types, &maker.random))
      #expect(driven.data == Self.expected(leftModel, rightModel, setting).data)
    }
    #expect(!driven.data.isEmpty)
  }

  /// A join that starts on filled arrangements reads them by cursor while ticks go on.
  @Test(arguments: 0..<30) func aBackfilledJoinIsTheJoin(seed: Int) {
    let setting = Setting(seed)
    var maker = RowMaker(random: SeededRandom(seed: UInt64(seed) + 1000), keyType: setting.keyType, keyCount: 4)
    let space = StateSpace()
    let left = Arrange(types: maker.types, keys: setting.keys, space: space)
    let right = setting.isSelfJoin ? left : Arrange(types: maker.types, keys: setting.keys, space: space)
    let older = Driven(left, right, .inner, nil)
    var leftModel = JoinModel.Side(types: maker.types, keys: setting.keys), rightModel = leftModel
    let tick = { (drivens: [Driven]) in
      let leftInput = Self.change(&leftModel, &maker, setting, isWild: false)
      var rightInput = TickOutput()
      if setting.isSelfJoin {
        rightModel = leftModel
      } else {
        rightInput = Self.change(&rightModel, &maker, setting, isWild: false)
      }
      drivens[0].tick(leftInput, rightInput)
      for later in drivens.dropFirst() {
        var output = TickOutput()
        for (port, input) in [leftInput, setting.isSelfJoin ? leftInput : rightInput].enumerated() {
          for batch in input.batches { _ = later.join.push(batch, port: port, into: &output) }
          for batch in input.errors { later.join.push(batch, port: port, into: &output) }
        }
        later.join.endTick(into: &output)
        later.collect(output)
      }
    }
    for _ in 0..<8 { tick([older]) }
    let newer = Driven(left, right, setting.isLeft ? .left : .inner, setting.hasResidual ? condition(2, 6) : nil)
    newer.join.beginBackfill(left: true, right: true)
    var slices = 0
    while newer.backfill(Int(maker.below(3)) + 1) {
      slices += 1
      if maker.below(2) == 0 { tick([older, newer]) }
      if slices > 1000 { break }
    }
    tick([older, newer])
    let expected = Self.expected(leftModel, rightModel, setting)
    #expect(slices > 1)
    #expect(newer.data == expected.data)
    #expect(newer.errors == expected.errors)
  }

  /// One key with many partners is sent in slices, and one row leaves its chain without a walk.
  @Test func oneKeyWithManyPartners() {
    let space = StateSpace(), types: [SQLType] = [.bigint, .bigint]
    let left = Arrange(types: types, keys: [0], space: space), right = Arrange(types: types, keys: [0], space: space)
    let driven = Driven(left, right, .left, nil)
    let count = 100_000
    var input = TickOutput()
    for first in stride(from: 0, to: count, by: 4096) {
      input.push(
        JoinModel.batch(
          (first..<min(count, first + 4096)).map { ([.int(1), .int(Int64($0))], 1) }, types.map(\.physicalType)))
    }
    driven.tick(TickOutput(), input)
    #expect(driven.data.isEmpty)
    let one = { (weight: Int64) in
      var input = TickOutput()
      input.push(JoinModel.batch([([.int(1), .int(5)], weight)], [.int64, .int64]))
      return input
    }
    driven.tick(one(1), TickOutput())
    #expect(driven.data.count == count)
    // Each of these changes meets one left row: one row in, one out.
    let before = driven.join.figures.stateReads + right.figures.stateReads
    for _ in 0..<20 {
      driven.tick(TickOutput(), one(-1))
      driven.tick(TickOutput(), one(1))
    }
    right.closeTick()
    let reads = driven.join.figures.stateReads + right.figures.stateReads - before
    #expect(reads <= 40 * (32 * 2 + 64))
    driven.tick(one(-1), TickOutput())
    #expect(driven.data.isEmpty)
  }

  /// `stateReads` stay in proportion to the change on tables of 100,000 rows.
  @Test(arguments: [Join.Kind.inner, .left]) func readsAreInProportionToTheChange(kind: Join.Kind) {
    var random = SeededRandom(seed: 5)
    let space = StateSpace(), types: [SQLType] = [.bigint, .bigint]
    let left = Arrange(types: types, keys: [0], space: space), right = Arrange(types: types, keys: [0], space: space)
    let driven = Driven(left, right, kind, nil)
    let rows = { (count: Int, weight: Int64) -> TickOutput in
      var input = TickOutput()
      for _ in 0..<(count + 4095) / 4096 {
        input.push(
          JoinModel.batch(
            (0..<min(count, 4096)).map { _ in ([.int(Int64(random.next() % 50_000)), .int(Int64(random.next() % 3))], weight) },
            [.int64, .int64]))
      }
      return input
    }
    driven.tick(rows(100_000, 1), TickOutput())
    driven.tick(TickOutput(), rows(100_000, 1))
    let reads = { driven.join.figures.stateReads + left.figures.stateReads + right.figures.stateReads }
    for count in [1, 3, 100, 1000] {
      let (readsBefore, sentBefore) = (reads(), driven.join.figures.rowsOut)
      driven.tick(rows(count, 1), rows(count, 1))
      let changed = 2 * count + driven.join.figures.rowsOut - sentBefore
      #expect(reads() - readsBefore <= 32 * changed + 64)
    }
  }

  @Test func anArrangementIsReadByCursor() {
    var maker = RowMaker(random: SeededRandom(seed: 9), keyType: .text, keyCount: 20)
    let arrange = Arrange(types: maker.types, keys: [0], space: StateSpace())
    var model = JoinModel.Side(types: maker.types, keys: [0])
    let setting = Setting(0)
    for _ in 0..<50 {
      var output = TickOutput()
      for batch in Self.change(&model, &maker, setting, isWild: true).batches { _ = arrange.push(batch, port: 0, into: &output) }
      arrange.endTick(into: &output)
    }
    var read: ZSet = [:]
    var cursor = 0
    while cursor < arrange.idLimit {
      let batch = arrange.batch(from: cursor, count: 7)
      #expect(batch.count <= 7)
      JoinModel.add(batch, to: &read)
      cursor += 7
    }
    #expect(read == model.data && !read.isEmpty)
    #expect(arrange.figures.stateRows == model.data.count)
  }
}

/// The rules of DESIGN §9.4, one by one.
@Suite struct JoinErrorTests {
  private let types: [SQLType] = [.bigint, .bigint]

  private func rows(_ rows: [(Row, Int64)]) -> TickOutput {
    var input = TickOutput()
    input.push(JoinModel.batch(rows, [.int64, .int64]))
    return input
  }

  private func errors(_ row: Row, poison: Int64, _ weight: Int64) -> TickOutput {
    var input = TickOutput()
    let full = row + [.int(poison), .text("22003"), .text("out of range"), .int(1)]
    input.push(ErrorBatch(width: 2, rows: JoinModel.batch([(full, weight)], ErrorBatch.types(over: [.int64, .int64]))))
    return input
  }

  private func left(_ residual: BoundExpression? = nil) -> Driven {
    let space = StateSpace()
    return Driven(
      Arrange(types: types, keys: [0], space: space), Arrange(types: types, keys: [0], space: space), .left, residual)
  }

  @Test func aFailingConditionMakesTheNullExtendedRowAnErrorRow() {
    let driven = left(condition(1, 3))
    driven.tick(rows([([.int(1), .int(5)], 1)]), TickOutput())
    let alone: ZSet = [[.int(1), .int(5), .null, .null]: 1]
    #expect(driven.data == alone)
    driven.tick(TickOutput(), rows([([.int(1), .int(5)], 1)]))  // 5 and 5: fails
    let doubtful: Row = [.int(1), .int(5), .null, .null, .int(0)] + JoinModel.doubt
    #expect(driven.data.isEmpty && driven.errors.count == 2 && driven.errors[doubtful] == 1)
    driven.tick(TickOutput(), rows([([.int(1), .int(4)], 1)]))
    #expect(driven.data == [[.int(1), .int(5), .int(1), .int(4)]: 1] && driven.errors.count == 1)
    driven.tick(TickOutput(), rows([([.int(1), .int(5)], -1), ([.int(1), .int(4)], -1)]))
    #expect(driven.data == alone && driven.errors.isEmpty)
  }

  @Test func aPoisonedKeyOnTheRightMakesWhatIsUnmatchedErrorRows() {
    let driven = left()
    driven.tick(
      rows([([.int(1), .int(5)], 1), ([.int(2), .int(6)], 1), ([.null, .int(7)], 1)]), rows([([.int(1), .int(0)], 1)]))
    let matched: Row = [.int(1), .int(5), .int(1), .int(0)], keyless: Row = [.null, .int(7), .null, .null]
    let all: ZSet = [matched: 1, keyless: 1, [.int(2), .int(6), .null, .null]: 1]
    #expect(driven.data == all)
    driven.tick(TickOutput(), errors([.null, .int(9)], poison: 1, 1))
    #expect(driven.data == [matched: 1, keyless: 1])
    // Left columns 0 and 1 and the right key are poisoned: bits 0, 1 and 2.
    #expect(
      driven.errors == [
        [.null, .null, .null, .int(9), .int(7), .text("22003"), .text("out of range"), .int(1)]: 1,
        [.int(2), .int(6), .null, .null, .int(0)] + JoinModel.doubt: 1,
      ])
    driven.tick(TickOutput(), errors([.null, .int(9)], poison: 1, -1))
    #expect(driven.data == all && driven.errors.isEmpty)
  }

  @Test func aPoisonedKeyOnTheLeftGoesOnWithTheRightColumnsPoisoned() {
    let driven = left()
    driven.tick(errors([.null, .int(5)], poison: 1, 1), rows([([.int(1), .int(0)], 1)]))
    #expect(driven.data.isEmpty)
    #expect(
      driven.errors == [[.null, .int(5), .null, .null, .int(13), .text("22003"), .text("out of range"), .int(1)]: 1])
    driven.tick(errors([.null, .int(5)], poison: 1, -1), TickOutput())
    #expect(driven.errors.isEmpty && driven.join.figures.stateRows == 0)
  }
}
