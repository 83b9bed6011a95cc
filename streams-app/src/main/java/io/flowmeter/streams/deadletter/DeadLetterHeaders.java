package io.flowmeter.streams.deadletter;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Headers of dead letters. Those that begin with {@value #OF_CAUSE} are Kafka Streams' own; the
 * writer gives its letters the same. All values are text in UTF-8, numbers in decimals.
 */
public final class DeadLetterHeaders {
  /** What a letter tells of its cause; a record that is replayed bears none of them. */
  static final String OF_CAUSE = "__streams.errors.";

  public static final String EXCEPTION = OF_CAUSE + "exception";
  public static final String MESSAGE = OF_CAUSE + "message";
  static final String STACK_TRACE = OF_CAUSE + "stacktrace";

  /** Where the record came from. */
  public static final String TOPIC = OF_CAUSE + "topic";

  public static final String PARTITION = OF_CAUSE + "partition";
  public static final String OFFSET = OF_CAUSE + "offset";

  /**
   * The record's own timestamp in epoch milliseconds, where it is not the letter's: Kafka Streams
   * gives its letters that of the record.
   */
  public static final String TIMESTAMP = "flowmeter.timestamp";

  /** How often the record was replayed. Who sends it to the dead letters again keeps it. */
  public static final String REPLAYS = "flowmeter.replays";

  /** The letter that the record was replayed from, as partition and offset: {@code 3@17}. */
  public static final String LETTER = "flowmeter.letter";

  private DeadLetterHeaders() {}

  public static void put(Headers headers, String name, String value) {
    headers.remove(name);
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  /** The last header of a name as text; empty where there is none, or none with a value. */
  static Optional<String> text(Headers headers, String name) {
    Header header = headers.lastHeader(name);
    return header == null || header.value() == null
        ? Optional.empty()
        : Optional.of(new String(header.value(), StandardCharsets.UTF_8));
  }

  /** The same as a whole number; empty where it is none. */
  static Optional<Long> number(Headers headers, String name) {
    return text(headers, name).filter(text -> text.matches("\\d{1,18}")).map(Long::parseLong);
  }

  /** How often the record was replayed, 0 for one that came as all do. */
  public static long replays(Headers headers) {
    return number(headers, REPLAYS).orElse(0L);
  }

  /** The message of a cause, which says so where the record was replayed before. */
  public static String describe(Headers headers, String message) {
    long replays = replays(headers);
    return replays == 0
        ? message
        : "replayed %d time%s, and still: %s".formatted(replays, replays == 1 ? "" : "s", message);
  }
}
