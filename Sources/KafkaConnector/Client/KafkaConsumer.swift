internal import CRdkafka
internal import Synchronization

/// Reads partitions that are assigned to it by hand; there is no group.
///
/// The properties must have a `group.id`, without which librdkafka assigns nothing; it is not joined, and nothing is committed with
/// `enable.auto.commit=false`. `enable.partition.eof=true` makes ends of partitions appear in the batches.
///
/// One thread at a time calls `consume` and what changes the assignment: a pause while a batch is being taken would leave it
/// with messages from before. What asks brokers (`KafkaConsumer+Offsets.swift`), `wake` and `drainEvents` may be called from any thread.
/// The last reference closes it, without waiting for brokers.
@safe
package final class KafkaConsumer: @unchecked Sendable {  // the pointer is as thread-safe as its client's
  let client: KafkaHandle
  private let queue: OpaquePointer
  private let mustWake = Atomic(false)

  /// Starts the client, which connects by and by: brokers that are not there are told of by events.
  ///
  /// - Errors: `_INVALID_ARG` for properties that librdkafka refuses; `_CRIT_SYS_RESOURCE` for no thread.
  package init(_ properties: KafkaProperties) throws(KafkaError) {
    client = try KafkaHandle(RD_KAFKA_CONSUMER, properties)
    guard let queue = unsafe rd_kafka_queue_get_consumer(client.pointer) else {
      throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, message: "Configuration property \"group.id\" is missing")
    }
    unsafe self.queue = queue
    // Errors and log lines come with the messages, on one thread.
    try check(unsafe rd_kafka_poll_set_consumer(client.pointer))
  }

  deinit { unsafe rd_kafka_queue_destroy(queue) }

  // Messages --------------------------------------------------------------------------------------------------------------

  /// Fills the batch anew with what is there; if that is nothing, waits for a first message, the timeout's end or `wake`.
  ///
  /// Errors are elements of the batch. librdkafka goes on by itself after those of connections; after others, such as
  /// `_AUTO_OFFSET_RESET`, the partition stands still until it is assigned or sought anew.
  package func consume(into batch: inout KafkaBatch, timeoutMilliseconds: Int) {
    batch.removeAll()
    // librdkafka waits for as many as it is asked for, so the wait is for one.
    unsafe batch.append(from: queue, of: client, atMost: batch.capacity, timeoutMilliseconds: 0)
    if batch.count > 0 || mustWake.exchange(false, ordering: .acquiring) { return }
    unsafe batch.append(from: queue, of: client, atMost: 1, timeoutMilliseconds: milliseconds(timeoutMilliseconds))
    if batch.count > 0 {
      unsafe batch.append(from: queue, of: client, atMost: batch.capacity - 1, timeoutMilliseconds: 0)
    }
    mustWake.store(false, ordering: .relaxed)
  }

  /// Ends the wait of `consume`, this one or the next; from any thread.
  package func wake() {
    // The flag first: `consume` looks at it after it may have used up the yield without waiting.
    mustWake.store(true, ordering: .releasing)
    unsafe rd_kafka_queue_yield(queue)
  }

  /// What happened since the last call: at most 256 events, and how many more; from any thread. Errors arrive only while
  /// somebody consumes.
  package func drainEvents() -> [KafkaEvent] { client.inbox.drainEvents() }

  // The assignment --------------------------------------------------------------------------------------------------------

  /// Reads these partitions and no others; what was fetched before is forgotten. Of topics and partitions that are not
  /// there the batches may say nothing for ever: `partitionCount` does.
  ///
  /// - Errors: `_INVALID_ARG` for a partition that is named twice.
  package func assign(_ positions: [KafkaPosition]) throws(KafkaError) {
    let list = KafkaPartitionList(positions)
    try check(unsafe rd_kafka_assign(client.pointer, list.pointer))
  }

  /// Reads these partitions too; the others go on undisturbed.
  ///
  /// - Errors: `_CONFLICT` for one that is assigned already.
  package func add(_ positions: [KafkaPosition]) throws(KafkaError) {
    let list = KafkaPartitionList(positions)
    try unsafe check(consuming: rd_kafka_incremental_assign(client.pointer, list.pointer))
  }

  /// Reads these partitions no more; the others go on undisturbed.
  ///
  /// - Errors: `_INVALID_ARG` for one that is not assigned.
  package func remove(_ partitions: [KafkaPartition]) throws(KafkaError) {
    let list = KafkaPartitionList(partitions)
    try unsafe check(consuming: rd_kafka_incremental_unassign(client.pointer, list.pointer))
  }

  /// Gives no message of these partitions until `resume`. What was fetched of them and not consumed is fetched again then.
  ///
  /// - Errors: `_UNKNOWN_PARTITION` for one that is not assigned.
  package func pause(_ partitions: [KafkaPartition]) throws(KafkaError) {
    let list = KafkaPartitionList(partitions)
    try check(unsafe rd_kafka_pause_partitions(client.pointer, list.pointer))
    try list.checkEach()
  }

  /// Goes on behind the last message that was consumed.
  ///
  /// - Errors: as for `pause`.
  package func resume(_ partitions: [KafkaPartition]) throws(KafkaError) {
    let list = KafkaPartitionList(partitions)
    try check(unsafe rd_kafka_resume_partitions(client.pointer, list.pointer))
    try list.checkEach()
  }

  /// Goes on at other positions; no message from before comes after this.
  ///
  /// - Errors: `_UNKNOWN_PARTITION` or `_STATE` for one that is not assigned; `_TIMED_OUT`.
  package func seek(_ positions: [KafkaPosition], timeoutMilliseconds: Int) throws(KafkaError) {
    let list = KafkaPartitionList(positions)
    try unsafe check(consuming: rd_kafka_seek_partitions(client.pointer, list.pointer, milliseconds(timeoutMilliseconds)))
    try list.checkEach()
  }
}
