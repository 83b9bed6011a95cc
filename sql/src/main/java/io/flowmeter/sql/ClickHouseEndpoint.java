package io.flowmeter.sql;

import java.net.URI;
import java.net.URISyntaxException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/**
 * A ClickHouse server, or several that hold the same, and the user to be there.
 *
 * @param url the HTTP interface, such as {@code http://127.0.0.1:8123} or {@code
 *     https://host:8443}; several with commas between, of which the first that answers is taken
 * @param user the ClickHouse user
 * @param password the user's password, empty where it has none; never printed
 * @param options the driver's own, such as {@code sslrootcert}; never printed
 */
public record ClickHouseEndpoint(
    String url, String user, String password, Map<String, String> options) {

  /** The database that holds all of Flowmeter's tables and relations. */
  public static final String DATABASE = "flowmeter";

  public ClickHouseEndpoint {
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(password, "password");
    options = Map.copyOf(options);
    Arrays.stream(Objects.requireNonNull(url, "url").split(",", -1))
        .map(String::strip)
        .forEach(ClickHouseEndpoint::requireHttp);
  }

  /** Without options of the driver. */
  public ClickHouseEndpoint(String url, String user, String password) {
    this(url, user, password, Map.of());
  }

  /** The same with more options of the driver, which take the place of those of the same name. */
  public ClickHouseEndpoint withOptions(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(options);
    all.putAll(more);
    return new ClickHouseEndpoint(url, user, password, all);
  }

  /** Each server's own, in the order in which they are tried; without a slash at the end. */
  public List<String> urls() {
    return Arrays.stream(url.split(","))
        .map(String::strip)
        .map(each -> each.endsWith("/") ? each.substring(0, each.length() - 1) : each)
        .toList();
  }

  /**
   * Opens a connection in the database {@link #DATABASE}. The caller closes it.
   *
   * @throws SQLException when the server cannot be reached; statements fail with ClickHouse code 81
   *     as long as the database does not exist, and with 516 where user or password are wrong
   */
  public Connection connect() throws SQLException {
    return connect(DATABASE);
  }

  /** Opens a connection in a database that is there from the start, to create ours from. */
  public Connection connectToServer() throws SQLException {
    return connect("default");
  }

  private Connection connect(String database) throws SQLException {
    Properties login = new Properties();
    login.putAll(options);
    login.setProperty("user", user);
    login.setProperty("password", password);
    SQLException failure = null;
    for (String server : urls()) {
      try {
        return new com.clickhouse.jdbc.Driver()
            .connect("jdbc:clickhouse:" + server + "/" + database, login);
      } catch (SQLException e) {
        if (failure != null) {
          e.addSuppressed(failure);
        }
        failure = e;
      }
    }
    throw failure;
  }

  private static void requireHttp(String url) {
    if (!isBareHttp(url)) {
      throw new IllegalArgumentException(
          "Expected the URL of ClickHouse's HTTP interface, such as http://127.0.0.1:8123, without a path, user or"
              + " password in it");
    }
  }

  private static boolean isBareHttp(String url) {
    try {
      URI uri = new URI(url);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      boolean noPath =
          uri.getPath() == null || uri.getPath().isEmpty() || uri.getPath().equals("/");
      return http
          && uri.getHost() != null
          && noPath
          && uri.getRawUserInfo() == null
          && uri.getQuery() == null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  @Override
  public String toString() {
    return "ClickHouse at " + url + " as " + user;
  }
}
