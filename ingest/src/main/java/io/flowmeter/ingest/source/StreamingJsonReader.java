package io.flowmeter.ingest.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.flowmeter.ingest.privacy.LongText;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Reads JSON as it streams by, forgiving in kinds: a value that is not of the kind asked for is
 * told as absent, a number where text is expected as its text. What is not asked for is skipped
 * without being held.
 */
final class StreamingJsonReader implements AutoCloseable {
  /** Numbers below it are seconds, above it milliseconds: 1973 in milliseconds, 5138 in seconds. */
  private static final long SECONDS_END = 100_000_000_000L;

  /** Names that may be told in a path; others can come from outputs and params. */
  private static final Set<String> TOLD =
      Set.of(
          "result",
          "result_info",
          "errors",
          "code",
          "messages",
          "steps",
          "attempts",
          "config",
          "retries",
          "error",
          "trigger",
          "rollback",
          "output",
          "params",
          "instances",
          "limits");

  private static final int MOST_WORDS = 1_000;

  private final JsonParser parser;
  private final Map<String, String> words = new HashMap<>();
  private LongConsumer unsized;
  private long unsizedStart;

  private StreamingJsonReader(JsonParser parser) {
    this.parser = parser;
  }

  static StreamingJsonReader of(InputStream body) throws IOException {
    // A factory of its own for each body: its table of names is never emptied.
    JsonFactoryBuilder settings =
        new JsonFactoryBuilder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(StreamReadFeature.AUTO_CLOSE_SOURCE);
    return new StreamingJsonReader(new BoundedJsonParser(settings).createParser(body));
  }

  /** What to do with the value of a field. It need not take it: what is left is skipped. */
  interface Field {
    void read(String name) throws IOException;
  }

  /** What to do with an element. It need not take it: what is left is skipped. */
  interface Element {
    void read() throws IOException;
  }

  /** Moves to the first value of the body; false where the body is empty. */
  boolean begin() throws IOException {
    return parser.nextToken() != null;
  }

  /** Reads the object that begins here, field by field; false where none begins. */
  boolean object(Field field) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return false;
    }
    JsonToken token = parser.nextToken();
    while (token == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      field.read(name);
      token = afterValue();
    }
    return true;
  }

  /** Reads the array that begins here, element by element; false where none begins. */
  boolean array(Element element) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return false;
    }
    JsonToken token = parser.nextToken();
    while (token != JsonToken.END_ARRAY) {
      element.read();
      token = afterValue();
    }
    return true;
  }

  private JsonToken afterValue() throws IOException {
    // A value nobody took still stands at its opening bracket.
    parser.skipChildren();
    JsonToken token = parser.nextToken();
    if (token == null) {
      throw new JsonEOFException(parser, null, "");
    }
    if (unsized != null) {
      int comma = token == JsonToken.END_OBJECT || token == JsonToken.END_ARRAY ? 0 : 1;
      unsized.accept(parser.currentTokenLocation().getByteOffset() - unsizedStart - comma);
      unsized = null;
    }
    return token;
  }

  /**
   * Skips the value that begins here and tells its size in bytes, as it stands in compact JSON.
   * Nothing of it is held; null has no size.
   */
  void size(LongConsumer bytes) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    long start = parser.currentTokenLocation().getByteOffset();
    if (parser.currentToken().isStructStart()) {
      parser.skipChildren();
      bytes.accept(parser.currentLocation().getByteOffset() - start);
    } else {
      // The end of a text is known, without holding it, once the next token begins.
      unsizedStart = start;
      unsized = bytes;
    }
  }

  boolean isNull() {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  boolean isObject() {
    return parser.currentToken() == JsonToken.START_OBJECT;
  }

  /** A text, cut where it is long, or the text of a number or a truth value. */
  Optional<String> text() throws IOException {
    JsonToken token = parser.currentToken();
    return token.isScalarValue() && token != JsonToken.VALUE_NULL
        ? Optional.of(LongText.cut(parser.getText()))
        : Optional.empty();
  }

  /** A text that other values repeat, such as a type: held once for the whole body. */
  Optional<String> word() throws IOException {
    return text()
        .map(
            word -> {
              String same = words.putIfAbsent(word, word);
              if (words.size() > MOST_WORDS) {
                words.clear();
              }
              return same == null ? word : same;
            });
  }

  /** An ISO 8601 time, UTC where it has no offset, or epoch milliseconds or seconds. */
  Optional<Instant> time() throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      Instant utc =
          UtcTime.parse(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
      return utc != null ? Optional.of(utc) : time(parser.getText());
    }
    OptionalLong number = number();
    if (number.isEmpty()) {
      return Optional.empty();
    }
    long value = number.getAsLong();
    return Optional.of(
        Math.abs(value) < SECONDS_END ? Instant.ofEpochSecond(value) : Instant.ofEpochMilli(value));
  }

  static Optional<Instant> time(String text) {
    try {
      Instant instant =
          DateTimeFormatter.ISO_DATE_TIME.parseBest(
                      text.strip().replace(' ', 'T'), OffsetDateTime::from, LocalDateTime::from)
                  instanceof OffsetDateTime time
              ? time.toInstant()
              : LocalDateTime.parse(text.strip().replace(' ', 'T')).toInstant(ZoneOffset.UTC);
      return Optional.of(Instant.ofEpochMilli(instant.toEpochMilli()));
    } catch (DateTimeException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  Optional<Boolean> bool() throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> Optional.of(true);
      case VALUE_FALSE -> Optional.of(false);
      case VALUE_NUMBER_INT -> Optional.of(parser.getValueAsInt(0) != 0);
      case VALUE_STRING ->
          switch (parser.getText()) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
          };
      default -> Optional.empty();
    };
  }

  OptionalLong number() throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser.getText());
      case VALUE_STRING -> number(parser.getText());
      default -> OptionalLong.empty();
    };
  }

  private static OptionalLong number(String text) {
    try {
      double value = Double.parseDouble(text);
      boolean whole = text.length() < 19 && text.chars().allMatch(c -> c >= '0' && c <= '9');
      if (!whole && (Double.isNaN(value) || Math.abs(value) >= Long.MAX_VALUE)) {
        return OptionalLong.empty();
      }
      return OptionalLong.of(whole ? Long.parseLong(text) : (long) value);
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /**
   * Where the reading stands, as a path without names that outputs or params could have brought.
   */
  String path() {
    Deque<String> segments = new ArrayDeque<>();
    for (JsonStreamContext at = parser.getParsingContext(); at != null; at = at.getParent()) {
      if (at.inArray() && at.hasCurrentIndex()) {
        segments.addFirst(Integer.toString(at.getCurrentIndex()));
      } else if (at.inObject() && at.hasCurrentName()) {
        segments.addFirst(TOLD.contains(at.getCurrentName()) ? at.getCurrentName() : "*");
      }
    }
    return "/" + String.join("/", segments);
  }

  /** Bytes read so far. */
  long offset() {
    return parser.currentLocation().getByteOffset();
  }

  /**
   * Whether the failure says that the body ended too early, rather than that it breaks the rules of
   * JSON.
   */
  static boolean ended(JsonProcessingException failure) {
    return failure instanceof JsonEOFException;
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
