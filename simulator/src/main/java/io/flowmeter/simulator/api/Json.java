package io.flowmeter.simulator.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** A value of JSON that can be written, any number of times. */
@FunctionalInterface
interface Json {
  /** Writes the value. */
  void write(JsonGenerator out) throws IOException;

  /** Its bytes. */
  default byte[] bytes() {
    try (ByteArrayBuilder bytes = new ByteArrayBuilder(4096)) {
      writeTo(bytes);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("JSON could not be written to memory", e);
    }
  }

  /** Writes its bytes. */
  default void writeTo(OutputStream out) throws IOException {
    try (JsonGenerator generator = Written.FACTORY.createGenerator(out)) {
      write(generator);
    }
  }

  /** An object as a tree, to be edited. */
  default ObjectNode tree() {
    try {
      return (ObjectNode) Written.MAPPER.readTree(bytes());
    } catch (IOException e) {
      throw new UncheckedIOException("what was written as JSON could not be read", e);
    }
  }

  /** A tree as JSON to be written. */
  static Json of(ObjectNode tree) {
    return out -> Written.MAPPER.writeTree(out, tree);
  }

  /** What it is written with. */
  final class Written {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Written() {}
  }
}
