package io.flowmeter.streams.rebuild;

import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * What is copied of a topic.
 *
 * @param keys which entries
 * @param values what becomes of their values; null for one that is gone, and never asked for such
 */
record Copying(Predicate<byte[]> keys, UnaryOperator<byte[]> values) {
  static final Copying AS_IT_IS = of(key -> true);

  static Copying of(Predicate<byte[]> keys) {
    return new Copying(keys, value -> value);
  }

  Copying with(UnaryOperator<byte[]> otherValues) {
    return new Copying(keys, otherValues);
  }

  byte[] value(byte[] value) {
    return value == null ? null : values.apply(value);
  }
}
