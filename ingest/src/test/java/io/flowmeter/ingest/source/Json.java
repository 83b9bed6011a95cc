package io.flowmeter.ingest.source;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Reads texts and recorded responses as the API's client does. */
final class Json {
  private Json() {}

  static <T> Envelope<T> read(InputStream body, ApiJson.Result<T> kind) {
    try (StreamingJsonReader json = StreamingJsonReader.of(body)) {
      return Envelope.read(json, kind);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static <T> T result(String json, ApiJson.Result<T> kind) {
    return envelope(json, kind).result().orElseThrow();
  }

  static <T> Envelope<T> envelope(String json, ApiJson.Result<T> kind) {
    String body = "{\"success\":true,\"errors\":[],\"result\":" + json + "}";
    InputStream bytes = new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));
    return read(bytes, kind);
  }

  /** A response of Cloudflare's local runtime, recorded. */
  static <T> T recorded(String name, ApiJson.Result<T> kind) {
    return read(Json.class.getResourceAsStream(name + ".json"), kind).result().orElseThrow();
  }
}
