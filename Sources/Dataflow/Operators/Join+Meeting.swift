import Columnar
import Expressions
import SQLTypes
import ZSets

extension Join {
  /// Changed rows of one kind of one side against the other side's rows of one kind.
  ///
  /// - isLeft: the delta is the left side's, and meets the right side with its changes; else it is the right side's, and
  ///   meets the left side as it was before.
  func meet(
    _ delta: ArrangedRows, _ leftKind: RowKind, _ rightKind: RowKind, isLeft: Bool, changes: inout ByKind<MatchChanges>,
    into output: inout TickOutput
  ) {
    guard delta.count > 0, let leftRows = left.arranged(leftKind), let rightRows = right.arranged(rightKind) else { return }
    var probe = ArrangementProbe(delta)
    var pairs = RowPairs()
    var isMore = true
    while isMore && !output.isCancelled {
      pairs.removeAll()
      isMore =
        isLeft
        ? probe.next(
          of: leftRows.rows, in: rightRows.rows, .after, isChanging: right.isChanging,
          visibleBelow: right.visibleBelow[rightKind], into: &pairs)
        : probe.next(
          of: rightRows.rows, in: leftRows.rows, .before, isChanging: left.isChanging,
          visibleBelow: left.visibleBelow[leftKind], into: &pairs)
      if pairs.count == 0 { continue }
      let met = send(
        isLeft ? pairs.probes : pairs.partners, leftKind, isLeft ? pairs.partners : pairs.probes, rightKind,
        weights: pairs.weights(), into: &output)
      if kind == .left { changes[leftKind].add(pairs, met, presenceIn: isLeft ? leftRows : nil) }
    }
    counts.stateReads += probe.readCount
  }

  /// Sends the pairs that the condition lets through, or fails on; which they are.
  private func send(
    _ leftRows: ArrangedRows, _ leftKind: RowKind, _ rightRows: ArrangedRows, _ rightKind: RowKind, weights: Column?,
    into output: inout TickOutput
  ) -> MetPairs {
    let count = leftRows.count
    let (leftColumns, rightColumns) = (left.columns(of: leftRows, leftKind), right.columns(of: rightRows, rightKind))
    let columns = leftColumns.schema + rightColumns.schema
    if leftKind == .data, rightKind == .data {
      return send(Batch(count: count, columns: columns, weights: weights), into: &output)
    }
    let errors = JoinColumns.errors(leftColumns, rightColumns, count: count, weights: weights)
    guard let residual else {
      push(errors, into: &output)
      return rightKind == .data ? MetPairs(certain: nil) : MetPairs(certain: Selection([]), doubtful: .all(count))
    }
    // A pair stays unless the condition is known not to be true.
    var failed = RowErrors()
    let condition = residual.evaluate(Batch(count: count, columns: columns), errors: &failed)
    let unknown = failed.rows.union(errors.poison.rows(ofAny: residualColumns))
    let passed = Selection.whereTrue(condition)
    let kept = passed.adding(unknown)
    push(errors.gather(kept), into: &output)
    // A left row that is not known to be there surely meets a right row that is, if the condition is known.
    return rightKind == .data
      ? MetPairs(certain: passed.removing(unknown), doubtful: Selection(unknown.sorted()))
      : MetPairs(certain: Selection([]), doubtful: kept)
  }

  private func send(_ batch: Batch, into output: inout TickOutput) -> MetPairs {
    guard let residual else {
      push(batch, into: &output)
      return MetPairs(certain: nil)
    }
    var failed = RowErrors()
    let passed = Selection.whereTrue(residual.evaluate(batch, errors: &failed))
    if failed.isEmpty {
      push(passed.count == batch.count ? batch : batch.gather(passed), into: &output)
      return MetPairs(certain: passed)
    }
    let certain = passed.removing(failed.rows)
    push(batch.gather(certain), into: &output)
    push(ErrorBatch(failed, of: batch, poisoning: [], origin: origin), into: &output)
    output.firstError = output.firstError ?? failed.first
    return MetPairs(certain: certain, doubtful: Selection(failed.rows.sorted()))
  }

  /// Changed error rows whose key has no value: whom they would have met is not known.
  func sendPoisonedKeys(_ delta: ArrangedRows, isLeft: Bool, into output: inout TickOutput) {
    let side = isLeft ? left : right
    guard delta.count > 0, let rows = side.arrange.errors else { return }
    for batch in rows.rows.batches(of: delta) {
      let errors = ErrorBatch(width: side.width, rows: batch)
      let poisoned = errors.poison.rows(ofAny: Set(side.arrange.keys))
      if poisoned.isEmpty { continue }
      let kept = batch.gather(Selection(poisoned.sorted()))
      if !isLeft { for row in 0..<kept.count { poisonedWeight &+= kept.weight(row) } }
      if !isLeft && !sendsPoisonedRight { continue }
      let own = JoinColumns(kept.columns, count: kept.count, width: side.width, .errors)
      let other = JoinColumns.poisoned(of: isLeft ? right : left, count: kept.count)
      push(
        JoinColumns.errors(isLeft ? own : other, isLeft ? other : own, count: kept.count, weights: kept.weights),
        into: &output)
    }
  }

  func push(_ batch: Batch, into output: inout TickOutput) {
    counts.rowsOut += batch.count
    output.push(batch)
  }

  func push(_ errors: ErrorBatch, into output: inout TickOutput) {
    counts.rowsOut += errors.rows.count
    output.push(errors)
  }
}

/// Which of the pairs whose keys are equal met.
struct MetPairs {
  /// Those of which it is known; nil: all.
  var certain: Selection?
  /// Those of which it is not: the condition failed, or the right row is an error row.
  var doubtful = Selection([])
}

extension Selection {
  /// The same rows and those of `rows`, in ascending order.
  fileprivate func adding(_ rows: Set<Int>) -> Selection {
    Selection(rows.union(rowNumbers).sorted())
  }
}
