internal import CRdkafka

/// Owns what a client is made of, until it is made.
@safe
struct KafkaConfiguration: ~Copyable {
  private let pointer: OpaquePointer

  init() { unsafe pointer = rd_kafka_conf_new() }

  deinit { unsafe rd_kafka_conf_destroy(pointer) }

  func set(_ name: String, _ value: String) throws(KafkaPropertyError) {
    // librdkafka would take what is before the zero.
    if name.utf8.contains(0) || value.utf8.contains(0) {
      throw KafkaPropertyError(name: name, message: "a zero byte in configuration property \"\(name)\"", isUnknown: false)
    }
    var result = RD_KAFKA_CONF_OK
    let text = unsafe errorText { unsafe result = rd_kafka_conf_set(pointer, name, value, $0, $1) }
    if result == RD_KAFKA_CONF_OK { return }
    let isHidden = KafkaProperties.isSecret(name) && result == RD_KAFKA_CONF_INVALID
    throw KafkaPropertyError(
      name: name, message: isHidden ? "Invalid value for configuration property \"\(name)\"" : text,
      isUnknown: result == RD_KAFKA_CONF_UNKNOWN)
  }

  /// Makes the client, whose callbacks fill `inbox`: the inbox must live until the client is destroyed.
  consuming func makeClient(_ type: rd_kafka_type_t, _ inbox: KafkaInbox) throws(KafkaError) -> OpaquePointer {
    unsafe rd_kafka_conf_set_opaque(pointer, inbox.opaque)
    // On any thread, also of librdkafka's own. Without a callback it writes to stderr.
    unsafe rd_kafka_conf_set_log_cb(pointer) { client, level, facility, text in
      guard let client = unsafe client, let inbox = unsafe KafkaInbox.from(opaque: rd_kafka_opaque(client)) else { return }
      inbox.add(.log(level: level, facility: unsafe string(facility), text: unsafe string(text)))
    }
    // On the thread that consumes or polls.
    unsafe rd_kafka_conf_set_error_cb(pointer) { client, code, reason, opaque in
      unsafe KafkaInbox.from(opaque: opaque)?.add(.error(KafkaError(client: client, code: code, reason: string(reason))))
    }
    if type == RD_KAFKA_PRODUCER {
      unsafe rd_kafka_conf_set_dr_msg_cb(pointer) { _, message, opaque in
        guard let message = unsafe message else { return }
        unsafe KafkaInbox.from(opaque: opaque)?.add(KafkaDelivery(message.pointee))
      }
    }
    var client: OpaquePointer?
    let text = unsafe errorText { unsafe client = rd_kafka_new(type, pointer, $0, $1) }
    guard let client = unsafe client else {
      let error = KafkaError(rd_kafka_last_error(), message: text)
      _ = consume self
      throw error
    }
    discard self  // the client has it now
    return unsafe client
  }
}

/// What a function of librdkafka writes into the buffer that it is given for the reason of its failure.
func errorText(_ body: (UnsafeMutablePointer<CChar>, Int) -> Void) -> String {
  unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
    unsafe buffer[0] = 0
    unsafe body(buffer.baseAddress!, buffer.count)
    return unsafe String(cString: buffer.baseAddress!)
  }
}

/// A C string, which may be absent.
func string(_ text: UnsafePointer<CChar>?) -> String { unsafe text.map { unsafe String(cString: $0) } ?? "" }
