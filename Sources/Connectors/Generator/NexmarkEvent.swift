/// A slice of the generator's arena.
package struct NexmarkText: Hashable, Sendable {
  package let offset: Int32
  package let length: Int32

  init(offset: Int, length: Int) {
    self.offset = Int32(offset)
    self.length = Int32(length)
  }

  /// The slice as a range of indices of the arena.
  package var range: Range<Int> { Int(offset)..<Int(offset) + Int(length) }
}

/// A person who registers. Times are milliseconds since 1970, UTC.
package struct NexmarkPerson: Hashable, Sendable {
  package let id: Int64
  package let name: NexmarkText
  package let emailAddress: NexmarkText
  package let creditCard: NexmarkText
  package let city: NexmarkText
  package let state: NexmarkText
  package let timeMilliseconds: Int64
  package let extra: NexmarkText
}

/// An auction that opens.
package struct NexmarkAuction: Hashable, Sendable {
  package let id: Int64
  package let itemName: NexmarkText
  package let description: NexmarkText
  package let initialBid: Int64
  package let reserve: Int64
  package let timeMilliseconds: Int64
  package let expiresMilliseconds: Int64
  package let seller: Int64
  package let category: Int64
  package let extra: NexmarkText
}

/// A bid of a person on an auction.
package struct NexmarkBid: Hashable, Sendable {
  package let auction: Int64
  package let bidder: Int64
  package let price: Int64
  package let channel: NexmarkText
  package let url: NexmarkText
  package let timeMilliseconds: Int64
  package let extra: NexmarkText
}

/// One event. Its text stays valid until the generator makes its next event.
package enum NexmarkEvent: Hashable, Sendable {
  case person(NexmarkPerson)
  case auction(NexmarkAuction)
  case bid(NexmarkBid)
}
