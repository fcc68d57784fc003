/// Writes events as JSON lines, as gen.c does. Nothing that the generator makes needs an escape.
struct NexmarkJSON {
  private let personKeys = Keys("id", "name", "emailAddress", "creditCard", "city", "state", "dateTime", "extra")
  private let auctionKeys = Keys(
    "id", "itemName", "description", "initialBid", "reserve", "dateTime", "expires", "seller", "category", "extra")
  private let bidKeys = Keys("auction", "bidder", "price", "channel", "url", "dateTime", "extra")
  private var lastSecond: Int64 = -1
  private var stamp: [UInt8] = Array("2015-07-15 00:00:00.000".utf8)

  /// `{"first":`, `,"second":` and so on, ready to append.
  private struct Keys {
    let texts: [[UInt8]]

    init(_ names: String...) {
      texts = names.enumerated().map { index, name in Array("\(index == 0 ? "{" : ",")\"\(name)\":".utf8) }
    }
  }

  mutating func append(_ person: NexmarkPerson, arena: [UInt8], to line: inout [UInt8]) {
    let keys = personKeys.texts
    line.append(contentsOf: keys[0])
    append(person.id, to: &line)
    append(keys[1], arena, person.name, to: &line)
    append(keys[2], arena, person.emailAddress, to: &line)
    append(keys[3], arena, person.creditCard, to: &line)
    append(keys[4], arena, person.city, to: &line)
    append(keys[5], arena, person.state, to: &line)
    append(keys[6], time: person.timeMilliseconds, to: &line)
    append(keys[7], arena, person.extra, to: &line)
    endLine(&line)
  }

  mutating func append(_ auction: NexmarkAuction, arena: [UInt8], to line: inout [UInt8]) {
    let keys = auctionKeys.texts
    line.append(contentsOf: keys[0])
    append(auction.id, to: &line)
    append(keys[1], arena, auction.itemName, to: &line)
    append(keys[2], arena, auction.description, to: &line)
    line.append(contentsOf: keys[3])
    append(auction.initialBid, to: &line)
    line.append(contentsOf: keys[4])
    append(auction.reserve, to: &line)
    append(keys[5], time: auction.timeMilliseconds, to: &line)
    append(keys[6], time: auction.expiresMilliseconds, to: &line)
    line.append(contentsOf: keys[7])
    append(auction.seller, to: &line)
    line.append(contentsOf: keys[8])
    append(auction.category, to: &line)
    append(keys[9], arena, auction.extra, to: &line)
    endLine(&line)
  }

  mutating func append(_ bid: NexmarkBid, arena: [UInt8], to line: inout [UInt8]) {
    let keys = bidKeys.texts
    line.append(contentsOf: keys[0])
    append(bid.auction, to: &line)
    line.append(contentsOf: keys[1])
    append(bid.bidder, to: &line)
    line.append(contentsOf: keys[2])
    append(bid.price, to: &line)
    append(keys[3], arena, bid.channel, to: &line)
    append(keys[4], arena, bid.url, to: &line)
    append(keys[5], time: bid.timeMilliseconds, to: &line)
    append(keys[6], arena, bid.extra, to: &line)
    endLine(&line)
  }

  private func endLine(_ line: inout [UInt8]) {
    line.append(UInt8(ascii: "}"))
    line.append(UInt8(ascii: "\n"))
  }

  private func append(_ key: [UInt8], _ arena: [UInt8], _ text: NexmarkText, to line: inout [UInt8]) {
    line.append(contentsOf: key)
    line.append(UInt8(ascii: "\""))
    line.append(contentsOf: arena[text.range])
    line.append(UInt8(ascii: "\""))
  }

  /// A number that is not negative; all of the generator's are.
  private func append(_ number: Int64, to line: inout [UInt8]) {
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var first = 20
    var rest = UInt64(number)
    repeat {
      first -= 1
      digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    for index in first..<20 { line.append(digits[index]) }
  }

  /// A time as `2015-07-15 00:00:00.000`. The day is only counted up, as in gen.c: 16 days, 14 milliard events.
  private mutating func append(_ key: [UInt8], time milliseconds: Int64, to line: inout [UInt8]) {
    let elapsed = milliseconds - NexmarkShape.baseMilliseconds
    let second = elapsed / 1000
    if second != lastSecond {
      lastSecond = second
      setDigits(15 + second / 86_400, at: 8, count: 2)
      setDigits(second / 3600 % 24, at: 11, count: 2)
      setDigits(second / 60 % 60, at: 14, count: 2)
      setDigits(second % 60, at: 17, count: 2)
    }
    setDigits(elapsed % 1000, at: 20, count: 3)
    line.append(contentsOf: key)
    line.append(UInt8(ascii: "\""))
    line.append(contentsOf: stamp)
    line.append(UInt8(ascii: "\""))
  }

  private mutating func setDigits(_ number: Int64, at start: Int, count: Int) {
    var rest = number
    for index in stride(from: start + count - 1, through: start, by: -1) {
      stamp[index] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
  }
}
