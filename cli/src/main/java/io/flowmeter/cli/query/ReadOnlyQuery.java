package io.flowmeter.cli.query;

import io.flowmeter.sql.ClickHouseEndpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;

/**
 * A query over ClickHouse's HTTP interface whose answer is copied as the server writes it. It is
 * asked for with GET, which ClickHouse takes as read-only whoever asks.
 */
public final class ReadOnlyQuery {
  private static final int CONNECT_MS = 10_000;

  private ReadOnlyQuery() {}

  /**
   * Copies the answer.
   *
   * @param names whether the first line tells the columns' names
   * @throws QueryException with the server's message where it refuses the query
   * @throws IOException where the server cannot be reached, or the output not be written
   */
  public static void run(ClickHouseEndpoint server, String sql, boolean names, OutputStream out)
      throws IOException {
    for (Iterator<String> servers = server.urls().iterator(); servers.hasNext(); ) {
      try {
        ask(servers.next(), server, sql, names, out);
        return;
      } catch (ConnectException | SocketTimeoutException e) {
        if (!servers.hasNext()) {
          throw e;
        }
      }
    }
  }

  private static void ask(
      String base, ClickHouseEndpoint server, String sql, boolean names, OutputStream out)
      throws IOException {
    // wait_end_of_query: an error after the first rows would else come with status 200.
    String url =
        "%s/?database=%s&default_format=%s&wait_end_of_query=1&query=%s"
            .formatted(
                base,
                ClickHouseEndpoint.DATABASE,
                names ? "TabSeparatedWithNames" : "TabSeparated",
                URLEncoder.encode(sql, StandardCharsets.UTF_8));
    HttpURLConnection request = (HttpURLConnection) URI.create(url).toURL().openConnection();
    request.setConnectTimeout(CONNECT_MS);
    request.setInstanceFollowRedirects(false);
    request.setRequestProperty("X-ClickHouse-User", server.user());
    request.setRequestProperty("X-ClickHouse-Key", server.password());
    if (request.getResponseCode() != HttpURLConnection.HTTP_OK) {
      throw new QueryException(message(request));
    }
    try (InputStream answer = request.getInputStream()) {
      answer.transferTo(out);
    }
    out.flush();
  }

  private static String message(HttpURLConnection answer) throws IOException {
    InputStream body = answer.getErrorStream();
    String text =
        body == null ? "" : new String(body.readAllBytes(), StandardCharsets.UTF_8).strip();
    return text.isEmpty() ? "status " + answer.getResponseCode() : text;
  }
}
