package io.flowmeter.streams.writer;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A record that can never be written, and why. */
record UnwritableRecord(ConsumerRecord<byte[], byte[]> record, Exception cause) {}
