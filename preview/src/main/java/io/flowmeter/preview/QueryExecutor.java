package io.flowmeter.preview;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.ReadOnlyQuery;
import io.flowmeter.sql.RefusedQueryException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;

/** Asks ClickHouse, within limits of time, rows and bytes. */
final class QueryExecutor {
  private static final int LONGEST_ANSWER = 32 << 20;
  private static final int LONGEST_COMPLAINT = 600;

  /** So long after its own limit ClickHouse says that it gave up. */
  private static final Duration LEEWAY = Duration.ofSeconds(5);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ReadOnlyQuery query;
  private final int rows;

  /**
   * @param server as the read-only user
   * @param timeout of a query
   * @param rows of an answer, at most; what comes after is left out
   */
  QueryExecutor(ClickHouseEndpoint server, Duration timeout, int rows) {
    this.rows = rows;
    this.query =
        new ReadOnlyQuery(
            server,
            Map.of(
                "default_format", "JSONCompact",
                "output_format_json_quote_64bit_integers", "1",
                "output_format_json_quote_denormals", "0",
                "date_time_output_format", "iso",
                "max_execution_time", Long.toString(timeout.toSeconds()),
                // One more than the limit tells the page that there are more.
                "limit", Integer.toString(rows + 1)),
            timeout.plus(LEEWAY));
  }

  int rows() {
    return rows;
  }

  /**
   * The answer in ClickHouse's JSONCompact: {@code meta} with names and types, {@code data} with
   * rows. Times are ISO 8601, 64-bit numbers are texts.
   *
   * @throws BadRequestException with ClickHouse's message
   */
  JsonNode execute(String sql) {
    try (ReadOnlyQuery.Result result = query.execute(sql)) {
      byte[] body = result.body().readNBytes(LONGEST_ANSWER + 1);
      if (body.length > LONGEST_ANSWER) {
        throw BadRequestException.byClickHouse(
            "the answer has more than 32 MB: choose a shorter time range");
      }
      return JSON.readTree(body);
    } catch (RefusedQueryException e) {
      throw BadRequestException.byClickHouse(shortened(e.getMessage()));
    } catch (ConnectException | SocketTimeoutException e) {
      throw BadRequestException.byClickHouse("ClickHouse does not answer: " + e.getMessage());
    } catch (IOException e) {
      throw BadRequestException.byClickHouse(
          "ClickHouse's answer could not be read: " + e.getMessage());
    }
  }

  private static String shortened(String complaint) {
    return complaint
        .substring(0, Math.min(complaint.length(), LONGEST_COMPLAINT))
        .replaceFirst("^Code: (\\d+)\\. DB::Exception: ", "ClickHouse (code $1): ");
  }
}
