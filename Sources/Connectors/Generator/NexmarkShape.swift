/// The public proportions of Nexmark, and which ids exist when an event happens.
package enum NexmarkShape {
  /// Of every 50 events the first is a person, the next three are auctions, the others bids.
  package static let eventsPerEpoch: Int64 = 50
  package static let personsPerEpoch: Int64 = 1
  package static let auctionsPerEpoch: Int64 = 3
  package static let eventsPerSecond: Int64 = 10_000
  /// 2015-07-15 00:00:00 UTC.
  package static let baseMilliseconds: Int64 = 1_436_918_400_000

  static let auctionsInFlight: Int64 = 100
  static let activePersons: Int64 = 1000
  static let lead: Int64 = 10  // bids may name persons and auctions that come up to this many later
  static let hotGroup: Int64 = 100
  static let channels: Int64 = 10_000
  static let firstID: Int64 = 1000
  static let firstCategory: Int64 = 10
  static let categories: Int64 = 5
  static let poolBytes = 1 << 20

  /// Event time of event number `event`.
  package static func timeMilliseconds(of event: Int64) -> Int64 {
    baseMilliseconds + event * 1000 / eventsPerSecond
  }

  /// Number of the newest person at that event, counted from 0.
  static func lastPerson(at event: Int64) -> Int64 {
    event / eventsPerEpoch * personsPerEpoch + min(event % eventsPerEpoch, personsPerEpoch - 1)
  }

  /// Number of the newest auction at that event; -1 before the first.
  static func lastAuction(at event: Int64) -> Int64 {
    let epoch = event / eventsPerEpoch
    let offset = event % eventsPerEpoch
    if offset < personsPerEpoch { return (epoch - 1) * auctionsPerEpoch + auctionsPerEpoch - 1 }
    return epoch * auctionsPerEpoch + min(offset - personsPerEpoch, auctionsPerEpoch - 1)
  }

  static func anyPerson(at event: Int64, _ random: inout NexmarkRandom) -> Int64 {
    let people = lastPerson(at: event) + 1
    let active = min(people, activePersons)
    return people - active + random.below(active + lead)
  }

  static func anyAuction(at event: Int64, _ random: inout NexmarkRandom) -> Int64 {
    let newest = lastAuction(at: event)
    let oldest = max(newest - auctionsInFlight, 0)
    return oldest + random.below(newest - oldest + 1 + lead)
  }

  static func hotPerson(at event: Int64) -> Int64 { lastPerson(at: event) / hotGroup * hotGroup }
  static func hotAuction(at event: Int64) -> Int64 { lastAuction(at: event) / hotGroup * hotGroup }
}
