package io.flowmeter.http;

import com.sun.net.httpserver.Headers;
import java.util.Optional;

/**
 * A request to a listener.
 *
 * @param method in capitals; HEAD is given as GET
 * @param path decoded, without the query
 * @param body empty if there is none; never longer than the listener's limit
 */
public record Request(String method, String path, Headers headers, byte[] body) {

  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.getFirst(name));
  }
}
