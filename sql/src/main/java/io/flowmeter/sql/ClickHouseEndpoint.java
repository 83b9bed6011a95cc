package io.flowmeter.sql;

import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Properties;

/**
 * A ClickHouse server and the user to be there.
 *
 * @param url the HTTP interface, such as {@code http://127.0.0.1:8123} or {@code https://host:8443}
 * @param user the ClickHouse user
 * @param password the user's password, empty where it has none; never printed
 */
public record ClickHouseEndpoint(String url, String user, String password) {

  /** The database that holds all of Flowmeter's tables and relations. */
  public static final String DATABASE = "flowmeter";

  public ClickHouseEndpoint {
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(password, "password");
    requireHttp(url);
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
  Connection connectToServer() throws SQLException {
    return connect("default");
  }

  private Connection connect(String database) throws SQLException {
    Properties login = new Properties();
    login.setProperty("user", user);
    login.setProperty("password", password);
    String base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    return new com.clickhouse.jdbc.Driver()
        .connect("jdbc:clickhouse:" + base + "/" + database, login);
  }

  private static void requireHttp(String url) {
    URI uri = URI.create(Objects.requireNonNull(url, "url"));
    boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
    boolean bare = uri.getPath() == null || uri.getPath().isEmpty() || uri.getPath().equals("/");
    if (!http || uri.getHost() == null || !bare || uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "Expected the URL of ClickHouse's HTTP interface, such as http://127.0.0.1:8123, without a path, user or"
              + " password in it");
    }
  }

  @Override
  public String toString() {
    return "ClickHouse at " + url + " as " + user;
  }
}
