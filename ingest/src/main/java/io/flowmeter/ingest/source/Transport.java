package io.flowmeter.ingest.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;

/**
 * Carries requests to a source and its responses back: HTTP, or an API in this process where the
 * time must not pass by itself. Safe for use by many threads.
 */
public interface Transport extends AutoCloseable {

  /**
   * Blocks until the head of the response is in.
   *
   * @param request a GET without body, with its time-out
   * @throws IOException where no response came
   */
  Response send(HttpRequest request) throws IOException, InterruptedException;

  @Override
  void close();

  /**
   * A response.
   *
   * @param body as it streams in; to be closed
   */
  record Response(int status, HttpHeaders headers, InputStream body) {}
}
