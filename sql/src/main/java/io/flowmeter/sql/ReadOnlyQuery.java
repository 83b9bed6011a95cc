package io.flowmeter.sql;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Queries over ClickHouse's HTTP interface. They are asked with GET, which ClickHouse takes as
 * read-only whoever asks. Of several servers the first that can be reached answers.
 *
 * @param server as the read-only user
 * @param parameters of the request: ClickHouse's settings, {@code default_format} among them
 * @param patience for an answer to begin; zero for any time
 */
public record ReadOnlyQuery(
    ClickHouseEndpoint server, Map<String, String> parameters, Duration patience) {

  private static final int CONNECT_MS = 10_000;
  private static final int LONGEST_COMPLAINT = 64 << 10;

  public ReadOnlyQuery {
    parameters = Map.copyOf(parameters);
  }

  /**
   * The same with values for what stands as <code>{name:Type}</code> in the SQL. They travel beside
   * it and are never part of it.
   *
   * @param values by name, as they are: nothing in them needs to be quoted
   */
  public ReadOnlyQuery with(Map<String, String> values) {
    Map<String, String> all = new TreeMap<>(parameters);
    values.forEach((name, value) -> all.put("param_" + name, escaped(value)));
    return new ReadOnlyQuery(server, all, patience);
  }

  /** As a value stands in ClickHouse's format TabSeparated, in which it reads parameters. */
  private static String escaped(String value) {
    return value
        .replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\n", "\\n")
        .replace("\r", "\\r");
  }

  /**
   * A result as the server writes it.
   *
   * @param format ClickHouse's name of it: that of the SQL's FORMAT clause, else the default
   * @param body the rows in that format
   */
  public record Result(String format, InputStream body) implements Closeable {
    @Override
    public void close() throws IOException {
      body.close();
    }
  }

  /**
   * The result; the caller closes it.
   *
   * @throws RefusedQueryException with the server's message
   * @throws IOException if no server can be reached
   */
  public Result execute(String sql) throws IOException {
    for (Iterator<String> urls = server.urls().iterator(); ; ) {
      try {
        return execute(urls.next(), sql);
      } catch (ConnectException | SocketTimeoutException e) {
        if (!urls.hasNext()) {
          throw e;
        }
      }
    }
  }

  private Result execute(String base, String sql) throws IOException {
    HttpURLConnection request =
        (HttpURLConnection) URI.create(base + "/?" + query(sql)).toURL().openConnection();
    ClickHouseTls.of(server.options()).applyTo(request);
    request.setConnectTimeout(CONNECT_MS);
    request.setReadTimeout((int) patience.toMillis());
    request.setInstanceFollowRedirects(false);
    request.setRequestProperty("X-ClickHouse-User", server.user());
    request.setRequestProperty("X-ClickHouse-Key", server.password());
    if (request.getResponseCode() != HttpURLConnection.HTTP_OK) {
      throw new RefusedQueryException(complaint(request));
    }
    return new Result(
        Objects.requireNonNullElse(request.getHeaderField("X-ClickHouse-Format"), ""),
        request.getInputStream());
  }

  private String query(String sql) {
    Map<String, String> all = new TreeMap<>(parameters);
    all.put("database", ClickHouseEndpoint.DATABASE);
    all.put("query", sql);
    // An error after the first rows would else come with status 200.
    all.put("wait_end_of_query", "1");
    return all.entrySet().stream()
        .map(
            each ->
                each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private static String complaint(HttpURLConnection response) throws IOException {
    try (InputStream body = response.getErrorStream()) {
      String text =
          body == null
              ? ""
              : new String(body.readNBytes(LONGEST_COMPLAINT), StandardCharsets.UTF_8).strip();
      return text.isEmpty() ? "status " + response.getResponseCode() : text;
    }
  }
}
