internal import CRdkafka

/// Owns a client of librdkafka: its threads and connections. A reference of one's own keeps it alive, for messages too.
///
/// The last reference ends it, on that thread and without waiting for brokers: within the time that one of its threads needs to
/// see the end, which is little unless the resolver of host names is being waited for.
@safe
final class KafkaHandle: @unchecked Sendable {  // librdkafka's functions may be called on any thread
  let pointer: OpaquePointer
  let inbox = KafkaInbox()

  /// - Errors: `_INVALID_ARG` with librdkafka's words for properties, each good by itself, that do not fit or whose files
  ///   cannot be read; `_CRIT_SYS_RESOURCE` for no thread.
  init(_ type: rd_kafka_type_t, _ properties: KafkaProperties) throws(KafkaError) {
    let configuration: KafkaConfiguration
    do throws(KafkaPropertyError) {
      configuration = try properties.configuration()
    } catch {
      throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, message: error.message)
    }
    unsafe pointer = try configuration.makeClient(type, inbox)
  }

  // Leaving the group would wait for its coordinator, and there is no group: partitions are assigned by hand.
  deinit { unsafe rd_kafka_destroy_flags(pointer, Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)) }
}

/// Milliseconds as librdkafka takes them.
func milliseconds(_ timeout: Int) -> Int32 {
  precondition(timeout >= 0, "a wait has an end")
  return Int32(clamping: timeout)
}
