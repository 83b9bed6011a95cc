package io.flowmeter.http;

import com.sun.net.httpserver.Headers;
import java.util.Optional;

/**
 * What a caller asks.
 *
 * @param method in capitals; HEAD is told as GET
 * @param path decoded, without the query
 * @param headers as they came
 * @param body empty where there is none; never longer than the listener takes
 */
public record Request(String method, String path, Headers headers, byte[] body) {

  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.getFirst(name));
  }
}
