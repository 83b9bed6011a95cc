package io.flowmeter.preview;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flowmeter.sql.ClickHouseEndpoint;
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
import java.util.stream.Collectors;

/**
 * Asks ClickHouse over its HTTP interface, with GET, which it takes as read-only whoever asks, and
 * within limits.
 *
 * @param server as the read-only user
 * @param timeout of a query
 * @param rows of an answer, at most; what comes after is left out
 */
record Answers(ClickHouseEndpoint server, Duration timeout, int rows) {
  private static final int CONNECT_MS = 5_000;
  private static final int LONGEST_ANSWER = 32 << 20;
  private static final int LONGEST_COMPLAINT = 600;
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * The answer in ClickHouse's JSONCompact: {@code meta} with names and types, {@code data} with
   * rows. Times are ISO 8601, 64-bit numbers are texts.
   *
   * @throws Refused with ClickHouse's message
   */
  JsonNode ask(String sql) {
    for (Iterator<String> urls = server.urls().iterator(); ; ) {
      try {
        return ask(urls.next(), sql);
      } catch (ConnectException | SocketTimeoutException e) {
        if (!urls.hasNext()) {
          throw Refused.byClickHouse("ClickHouse does not answer: " + e.getMessage());
        }
      } catch (IOException e) {
        throw Refused.byClickHouse("ClickHouse's answer could not be read: " + e.getMessage());
      }
    }
  }

  private JsonNode ask(String base, String sql) throws IOException {
    HttpURLConnection request =
        (HttpURLConnection) URI.create(base + "/?" + query(sql)).toURL().openConnection();
    request.setConnectTimeout(CONNECT_MS);
    request.setReadTimeout((int) timeout.plusSeconds(5).toMillis());
    request.setInstanceFollowRedirects(false);
    request.setRequestProperty("X-ClickHouse-User", server.user());
    request.setRequestProperty("X-ClickHouse-Key", server.password());
    if (request.getResponseCode() != HttpURLConnection.HTTP_OK) {
      throw Refused.byClickHouse(complaint(request));
    }
    try (InputStream answer = request.getInputStream()) {
      byte[] body = answer.readNBytes(LONGEST_ANSWER + 1);
      if (body.length > LONGEST_ANSWER) {
        throw Refused.byClickHouse("the answer has more than 32 MB: choose a shorter time range");
      }
      return JSON.readTree(body);
    }
  }

  private String query(String sql) {
    // One row more than the limit tells the page that there are more. wait_end_of_query: an error
    // after the first rows would else come with status 200.
    return Map.of(
            "database", ClickHouseEndpoint.DATABASE,
            "query", sql,
            "default_format", "JSONCompact",
            "output_format_json_quote_64bit_integers", "1",
            "output_format_json_quote_denormals", "0",
            "date_time_output_format", "iso",
            "max_execution_time", Long.toString(timeout.toSeconds()),
            "limit", Integer.toString(rows + 1),
            "wait_end_of_query", "1")
        .entrySet()
        .stream()
        .map(
            each ->
                each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private static String complaint(HttpURLConnection answer) throws IOException {
    InputStream body = answer.getErrorStream();
    String text =
        body == null
            ? ""
            : new String(body.readNBytes(LONGEST_COMPLAINT), StandardCharsets.UTF_8).strip();
    return text.isEmpty()
        ? "ClickHouse answered with status " + answer.getResponseCode()
        : text.replaceFirst("^Code: (\\d+)\\. DB::Exception: ", "ClickHouse (code $1): ");
  }
}
