package io.flowmeter.bench.parse;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Enumeration;
import java.util.NoSuchElementException;

/**
 * A response with a detail of many steps, in production's shape: every tenth step took five
 * attempts; outputs are by turns an object and a text.
 *
 * @param steps how many
 * @param outputKib KiB of each step's output, about
 */
record LongDetail(int steps, int outputKib) {
  private static final Instant QUEUED = Instant.parse("2026-11-24T12:00:00.071Z");
  private static final int MANY_ATTEMPTS_EVERY = 10;
  private static final String ITEM =
      "{\"sku\":\"SKU-40211\",\"quantity\":3,\"price\":17.5,"
          + "\"title\":\"a thing of some length, \\\"quoted\\\"\"}";
  private static final String TEXT = "Lorem ipsum dolor sit amet, consectetur adipiscing elit.\\n";

  /** The body, made as it is read, so that it takes no room. */
  InputStream body() {
    return new SequenceInputStream(
        new Enumeration<>() {
          private int next = -1;

          @Override
          public boolean hasMoreElements() {
            return next <= steps;
          }

          @Override
          public InputStream nextElement() {
            if (!hasMoreElements()) {
              throw new NoSuchElementException();
            }
            String part = next < 0 ? head() : next < steps ? step(next) : "]}}";
            next++;
            return new ByteArrayInputStream(part.getBytes(StandardCharsets.UTF_8));
          }
        });
  }

  /** The body, all of it. */
  byte[] bytes() throws IOException {
    try (InputStream body = body()) {
      return body.readAllBytes();
    }
  }

  private String head() {
    return """
        {"success":true,"errors":[],"messages":[],"result":{"status":"complete","queued":"%s",\
        "start":"%s","end":"%s","success":true,"error":null,"versionId":"5a9f6c1e",\
        "trigger":{"source":"api"},"params":{"order":1},"output":"done","step_count":%d,"steps":["""
        .formatted(QUEUED, QUEUED.plusMillis(90), at(steps), steps);
  }

  private static Instant at(int step) {
    return QUEUED.plusMillis(1_037L * step);
  }

  private String step(int index) {
    StringBuilder json = new StringBuilder(index == 0 ? "" : ",");
    Instant start = at(index);
    json.append("{\"name\":\"charge card-").append(index).append("\",\"start\":\"").append(start);
    json.append("\",\"end\":\"").append(start.plusMillis(913)).append("\",\"success\":true,");
    json.append("\"type\":\"step\",\"config\":{\"retries\":{\"limit\":5,\"delay\":\"10 seconds\",");
    json.append("\"backoff\":\"exponential\"},\"timeout\":\"10 minutes\"},\"output\":");
    output(json, index);
    json.append(",\"attempts\":[");
    int attempts = index % MANY_ATTEMPTS_EVERY == 0 ? 5 : 1;
    for (int attempt = 1; attempt <= attempts; attempt++) {
      attempt(json, start.plusMillis(101L * attempt), attempt == attempts);
      json.append(attempt == attempts ? "]}" : ",");
    }
    return json.toString();
  }

  private void output(StringBuilder json, int index) {
    boolean object = index % 2 == 0;
    String piece = object ? ITEM + "," : TEXT;
    json.append(object ? "{\"items\":[" : "\"");
    json.append(piece.repeat(outputKib * 1024 / piece.length()));
    json.append(object ? "{}]}" : "\"");
  }

  private static void attempt(StringBuilder json, Instant start, boolean succeeded) {
    json.append("{\"start\":\"").append(start);
    json.append("\",\"end\":\"").append(start.plusMillis(97));
    json.append("\",\"success\":").append(succeeded).append(",\"error\":");
    json.append(succeeded ? "null}" : "{\"name\":\"Error\",\"message\":\"refused by the bank\"}}");
  }
}
