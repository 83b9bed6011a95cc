package io.flowmeter.sql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of ClickHouse, whose releases are numbered by year: the seventh of 2026 is 26.7.
 *
 * @param year of this century
 * @param release in that year
 */
record ServerVersion(int year, int release) implements Comparable<ServerVersion> {
  /** The first that knows each setting of the relations. */
  static final ServerVersion LEAST = new ServerVersion(25, 12);

  private static final Pattern TOLD = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})(\\..*)?");

  /**
   * @param told as the server's {@code version()} tells it, such as {@code 26.7.2.1}; of another
   *     form there is none
   */
  static Optional<ServerVersion> of(String told) {
    Matcher matcher = TOLD.matcher(told);
    return matcher.matches()
        ? Optional.of(
            new ServerVersion(
                Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  /**
   * @throws MigrationException where the server is too old: its first error would come when tables
   *     are there already, and would name a setting
   */
  static void require(Statement statement, ClickHouseEndpoint endpoint) throws SQLException {
    try (ResultSet told = statement.executeQuery("SELECT version()")) {
      told.next();
      requireOf(told.getString(1), endpoint.toString());
    }
  }

  /** The same of a version that is known; one of a form of its own is let pass. */
  static void requireOf(String told, String where) {
    if (of(told).filter(version -> version.compareTo(LEAST) < 0).isPresent()) {
      throw new MigrationException(
          "%s is ClickHouse %s. Flowmeter needs %s or newer: upgrade the server"
              .formatted(where, told, LEAST));
    }
  }

  @Override
  public int compareTo(ServerVersion other) {
    return Comparator.comparingInt(ServerVersion::year)
        .thenComparingInt(ServerVersion::release)
        .compare(this, other);
  }

  @Override
  public String toString() {
    return year + "." + release;
  }
}
