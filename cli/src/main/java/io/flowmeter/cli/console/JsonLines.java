package io.flowmeter.cli.console;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.slf4j.event.KeyValuePair;

/**
 * A JSON object a line: {@code time} (UTC), {@code level}, {@code event} where the line tells one,
 * {@code message}, the event's fields, {@code logger}, {@code thread}, and {@code error} with the
 * whole stack. A field is a number or a boolean where its value is one, else a string.
 */
final class JsonLines extends EncoderBase<ILoggingEvent> {
  /** A field of such a name would hide what every line tells. */
  private static final Set<String> OURS =
      Set.of("time", "level", "message", "logger", "thread", "error");

  private static final JsonFactory JSON = new JsonFactory();
  private static final byte[] NOTHING = {};

  private final List<String> secrets;

  JsonLines(Collection<String> secrets) {
    this.secrets = List.copyOf(secrets);
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("time", event.getInstant().toString());
      json.writeStringField("level", event.getLevel().toString());
      for (KeyValuePair field : fields(event)) {
        if (!OURS.contains(field.key)) {
          write(json, field);
        }
      }
      json.writeStringField("message", masked(event.getFormattedMessage()));
      json.writeStringField("logger", event.getLoggerName());
      json.writeStringField("thread", event.getThreadName());
      if (event.getThrowableProxy() != null) {
        json.writeStringField(
            "error", masked(ThrowableProxyUtil.asString(event.getThrowableProxy())));
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("memory could not be written", e);
    }
    line.write('\n');
    return line.toByteArray();
  }

  private static List<KeyValuePair> fields(ILoggingEvent event) {
    return event.getKeyValuePairs() == null ? List.of() : event.getKeyValuePairs();
  }

  private void write(JsonGenerator json, KeyValuePair field) throws IOException {
    if (field.value instanceof Long || field.value instanceof Integer) {
      json.writeNumberField(field.key, ((Number) field.value).longValue());
    } else if (field.value instanceof Boolean yes) {
      json.writeBooleanField(field.key, yes);
    } else {
      json.writeStringField(field.key, masked(String.valueOf(field.value)));
    }
  }

  /** Before it is escaped, for a secret may have signs that are. */
  private String masked(String text) {
    return Logs.masked(text, secrets);
  }

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }
}
