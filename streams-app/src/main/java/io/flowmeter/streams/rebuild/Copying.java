package io.flowmeter.streams.rebuild;

import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * What is copied of a topic.
 *
 * @param topic from which
 * @param keys which entries
 * @param values what becomes of their values; null for one that is gone, and never asked for such
 */
record Copying(String topic, Predicate<byte[]> keys, UnaryOperator<byte[]> values) {

  /** All of it, as it is. */
  static Copying of(String topic) {
    return new Copying(topic, key -> true, value -> value);
  }

  Copying only(Predicate<byte[]> ofKeys) {
    return new Copying(topic, ofKeys, values);
  }

  Copying with(UnaryOperator<byte[]> otherValues) {
    return new Copying(topic, keys, otherValues);
  }

  byte[] value(byte[] value) {
    return value == null ? null : values.apply(value);
  }
}
