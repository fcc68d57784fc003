internal import CRdkafka

/// Transactions; the properties must have a `transactional.id`. One thread at a time.
///
/// Errors of all: fatal ones, `_FENCED` among them when another producer took the id; `_STATE` for a call out of order; `_TIMED_OUT`,
/// after which the same call may be made again.
extension KafkaProducer {
  /// Once, before the first transaction: ends what an earlier producer of the same id left open.
  package func initTransactions(timeoutMilliseconds: Int) throws(KafkaError) {
    try unsafe check(consuming: rd_kafka_init_transactions(client.pointer, milliseconds(timeoutMilliseconds)))
  }

  package func beginTransaction() throws(KafkaError) {
    try unsafe check(consuming: rd_kafka_begin_transaction(client.pointer))
  }

  /// Flushes and commits.
  package func commitTransaction(timeoutMilliseconds: Int) throws(KafkaError) {
    try unsafe check(consuming: rd_kafka_commit_transaction(client.pointer, milliseconds(timeoutMilliseconds)))
  }

  /// Forgets what was not sent, and aborts.
  package func abortTransaction(timeoutMilliseconds: Int) throws(KafkaError) {
    try unsafe check(consuming: rd_kafka_abort_transaction(client.pointer, milliseconds(timeoutMilliseconds)))
  }
}
