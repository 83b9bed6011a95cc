package io.flowmeter.simulator.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** The bytes of a response: held, or written out as they come. */
public sealed interface Body {

  /** Bytes that are held; they travel with a {@code Content-Length}. */
  @SuppressWarnings("ArrayRecordComponent") // Only ever passed on.
  record Held(byte[] bytes) implements Body {}

  /** Bytes too many to be held; they travel in chunks. */
  record Streamed(Writer writer) implements Body {}

  /** Writes all of a body, once. */
  interface Writer {
    /**
     * Writes.
     *
     * @throws IOException when they cannot be taken
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /** All of them; where they are streamed, there had better not be too many. */
  default byte[] all() {
    if (this instanceof Held held) {
      return held.bytes();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ((Streamed) this).writer().writeTo(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("a body could not be written to memory", e);
    }
    return bytes.toByteArray();
  }
}
