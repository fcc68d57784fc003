import Columnar
import SQLSyntax
import TestSupport
import Testing

@testable import Engine

/// A cursor against one that only takes steps: a place moves by one, and each row it comes to is told.
@Test(arguments: 0..<300 as Range<UInt64>)
func aCursorMovesAsOneThatTakesSteps(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  let count = Int.random(in: 0...5, using: &random)
  var cursor = Cursor(columns: [], rows: .stored(.unit), isScroll: true, isHeld: false)
  var place = 0
  for _ in 0..<20 {
    let distance = Int.random(in: -7...7, using: &random)
    let direction: Fetch.Direction = [
      .next, .prior, .first, .last, .absolute(distance), .relative(distance), .forward(distance), .forwardAll, .backward(distance),
      .backwardAll,
    ].randomElement(using: &random)!
    var told: [Int] = []
    func step(_ way: Int) -> Bool {
      place = min(max(place + way, 0), count + 1)
      if place < 1 || place > count { return false }
      told.append(place)
      return true
    }
    func walk(_ distance: Int) {
      if distance == 0 { if (1...max(count, 1)).contains(place) && count > 0 { told.append(place) } }
      for _ in 0..<abs(distance) where !step(distance.signum()) { break }
    }
    func jump(_ target: Int) {
      place = min(max(target, 0), count + 1)
      if place >= 1 && place <= count { told.append(place) }
    }
    switch direction {
    case .next: walk(1)
    case .prior: walk(-1)
    case .first: jump(1)
    case .last: jump(count)
    case .absolute(let number): jump(number < 0 ? count + 1 + number : number)
    case .relative(let number): jump(place + number)
    case .forward(let number): walk(number)
    case .backward(let number): walk(-number)
    case .forwardAll: while step(1) {}
    case .backwardAll: while step(-1) {}
    }
    let movement = cursor.movement(direction, count: count)
    #expect(movement.rows == told && movement.position == place, "\(direction) of \(count)")
    cursor.position = movement.position
  }
}
