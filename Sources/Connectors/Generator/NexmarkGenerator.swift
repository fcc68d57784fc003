import Glibc

/// Makes Nexmark's events in order, the same for the same seed on every machine.
///
/// - Restart: `position` is two words. A generator of the same seed put back to it goes on with the same events; the only
///   cost is drawing the pools again (about ten milliseconds). Without a position, `skip(to:)` draws and discards: how many
///   numbers an event takes depends on the words drawn, so there is no shorter way.
/// - Text: slices of `arena`, valid until the next event. There is no object per row.
package struct NexmarkGenerator: ~Copyable {
  /// The next event's number and the random state before it.
  package struct Position: Hashable, Sendable {
    package var event: Int64
    package var random: NexmarkRandom

    package init(event: Int64, random: NexmarkRandom) {
      self.event = event
      self.random = random
    }
  }

  package private(set) var position: Position
  private var text: NexmarkArena
  private let priceBase: Double

  /// A generator before event 0. `priceBase` is always 10; see `NexmarkRandom.price`.
  package init(seed: UInt64, priceBase: Double = 10) {
    var random = NexmarkRandom(state: seed)
    text = NexmarkArena(&random)
    position = Position(event: 0, random: random)
    self.priceBase = priceBase
  }

  /// The bytes that the events' texts are slices of.
  package var arena: [UInt8] { text.bytes }

  /// Goes to a position that a generator of the same seed was at.
  package mutating func resume(at position: Position) { self.position = position }

  /// Goes forward to the event of that number.
  package mutating func skip(to event: Int64) {
    while position.event < event { _ = next() }
  }

  /// Makes the next event.
  package mutating func next() -> NexmarkEvent {
    let event = position.event
    position.event += 1
    let place = event % NexmarkShape.eventsPerEpoch
    if place >= NexmarkShape.personsPerEpoch + NexmarkShape.auctionsPerEpoch { return .bid(bid(event)) }
    text.clearScratch()
    return place < NexmarkShape.personsPerEpoch ? .person(person(event)) : .auction(auction(event))
  }

  private mutating func person(_ event: Int64) -> NexmarkPerson {
    let city = text.cities[Int(position.random.below(10))]
    let state = text.states[Int(position.random.below(6))]
    let given = Int(position.random.below(11))
    let name = text.names[given * NexmarkArena.familyNames.count + Int(position.random.below(9))]
    let emailMark = text.scratchMark
    text.addWord(below: 7, &position.random)
    text.add(UInt8(ascii: "@"))
    text.addWord(below: 5, &position.random)
    for byte in ".com".utf8 { text.add(byte) }
    let email = text.scratch(since: emailMark)
    let cardMark = text.scratchMark
    for group in 0..<4 {
      if group > 0 { text.add(UInt8(ascii: " ")) }
      text.addFourDigits(position.random.below(10_000))
    }
    let card = text.scratch(since: cardMark)
    let size = 8 + name.length + email.length + card.length + city.length + 2
    return NexmarkPerson(
      id: NexmarkShape.lastPerson(at: event) + NexmarkShape.firstID, name: name, emailAddress: email, creditCard: card,
      city: city, state: state, timeMilliseconds: NexmarkShape.timeMilliseconds(of: event),
      extra: extra(having: Int(size), average: 200))
  }

  private mutating func auction(_ event: Int64) -> NexmarkAuction {
    typealias Shape = NexmarkShape
    let time = Shape.timeMilliseconds(of: event)
    let isHot = position.random.below(4) != 0
    let seller = isHot ? Shape.hotPerson(at: event) : Shape.anyPerson(at: event, &position.random)
    let initialBid = position.random.price(base: priceBase)
    let reserve = initialBid + position.random.price(base: priceBase)
    let horizon = Shape.auctionsInFlight * Shape.eventsPerEpoch / Shape.auctionsPerEpoch * 1000 / Shape.eventsPerSecond
    let expires = time + 1 + position.random.below(max(horizon * 2, 1))
    let itemMark = text.scratchMark
    text.addWord(below: 20, &position.random)
    let itemName = text.scratch(since: itemMark)
    let descriptionMark = text.scratchMark
    text.addWord(below: 100, &position.random)
    let description = text.scratch(since: descriptionMark)
    let extra = extra(having: Int(48 + itemName.length + description.length), average: 500)
    return NexmarkAuction(
      id: Shape.lastAuction(at: event) + Shape.firstID, itemName: itemName, description: description,
      initialBid: initialBid, reserve: reserve, timeMilliseconds: time, expiresMilliseconds: expires,
      seller: seller + Shape.firstID, category: Shape.firstCategory + position.random.below(Shape.categories), extra: extra)
  }

  private mutating func bid(_ event: Int64) -> NexmarkBid {
    typealias Shape = NexmarkShape
    let isHotAuction = position.random.below(2) != 0
    let auction = isHotAuction ? Shape.hotAuction(at: event) : Shape.anyAuction(at: event, &position.random)
    let isHotBidder = position.random.below(4) != 0
    let bidder = isHotBidder ? Shape.hotPerson(at: event) + 1 : Shape.anyPerson(at: event, &position.random)
    let price = position.random.price(base: priceBase)
    let isHotChannel = position.random.below(2) != 0
    let number = Int(position.random.below(isHotChannel ? 4 : Shape.channels))
    return NexmarkBid(
      auction: auction + Shape.firstID, bidder: bidder + Shape.firstID, price: price,
      channel: isHotChannel ? text.hotChannels[number] : text.channels[number],
      url: isHotChannel ? text.hotURLs[number] : text.channelURLs[number],
      timeMilliseconds: Shape.timeMilliseconds(of: event), extra: extra(having: 32, average: 100))
  }

  /// A piece of the pool that brings an event to its average size, give or take a fifth.
  private mutating func extra(having bytes: Int, average: Int) -> NexmarkText {
    let wanted = average - bytes
    if wanted < 0 { return NexmarkText(offset: 0, length: 0) }
    let delta = lround(Double(wanted) * 0.2)
    let length = wanted - delta + (delta != 0 ? Int(position.random.below(Int64(2 * delta))) : 0)
    return NexmarkText(offset: Int(position.random.below(Int64(NexmarkShape.poolBytes - length))), length: length)
  }
}
