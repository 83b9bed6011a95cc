package io.flowmeter.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The passwords and limits of the two users of the embedded ClickHouse: {@value #WRITER} owns the
 * database {@value #DATABASE}, {@value #READER} may only select from it.
 *
 * @param writerMayWrite false if the server is temporarily read-only
 */
public record ClickHouseUsers(
    String writerPassword, String readerPassword, boolean writerMayWrite) {
  public static final String WRITER = "flowmeter_writer";
  public static final String READER = "flowmeter_reader";
  public static final String DATABASE = "flowmeter";

  /** Time limit of a reader's query, in seconds. */
  private static final int READER_SECONDS = 60;

  /**
   * Upper bound, in seconds, to which a reader may raise that limit. Grafana's ClickHouse plugin
   * requests 5 s more than the query timeout of its data source, which is 60 s by default.
   */
  private static final int READER_SECONDS_AT_MOST = 75;

  /** Memory limit of a reader's query, in bytes. */
  private static final long READER_BYTES = 2L << 30;

  public ClickHouseUsers {
    if (writerPassword.isEmpty() || readerPassword.isEmpty()) {
      throw new IllegalArgumentException(
          "Expected a password for each ClickHouse user, but one is empty");
    }
  }

  public static ClickHouseUsers of(String writerPassword, String readerPassword) {
    return new ClickHouseUsers(writerPassword, readerPassword, true);
  }

  /** Returns the same users, but none can write. */
  public ClickHouseUsers readOnly() {
    return new ClickHouseUsers(writerPassword, readerPassword, false);
  }

  /** Hides the passwords, which must not appear in a log. */
  @Override
  public String toString() {
    return "ClickHouseUsers[" + WRITER + ", " + READER + "]";
  }

  /**
   * Returns the engine's users.xml. The engine itself logs in as {@code default}, which therefore
   * cannot have a password. That user may only open the listener, and only from the engine's own
   * address 0.0.0.0, never over a connection.
   */
  String toXml() {
    return """
        <clickhouse>
          <profiles>
            <default>
              <async_insert>0</async_insert>
            </default>
            <frozen>
              <async_insert>0</async_insert>
              <readonly>2</readonly>
            </frozen>
            <engine>
              <readonly>0</readonly>
              <max_execution_time>5</max_execution_time>
              <max_memory_usage>67108864</max_memory_usage>
              <max_threads>1</max_threads>
            </engine>
            <reader>
              <async_insert>0</async_insert>
              <!-- 2, not 1: drivers set settings of their own. -->
              <readonly>2</readonly>
              <max_execution_time>%1$d</max_execution_time>
              <max_memory_usage>%2$d</max_memory_usage>
              <constraints>
                <max_execution_time><min>1</min><max>%9$d</max></max_execution_time>
                <max_memory_usage><min>1</min><max>%2$d</max></max_memory_usage>
              </constraints>
            </reader>
          </profiles>
          <quotas>
            <default/>
            <engine>
              <interval><duration>3600</duration><queries>100</queries></interval>
            </engine>
          </quotas>
          <users>
            <default>
              <password/>
              <networks><ip>127.0.0.1</ip></networks>
              <profile>engine</profile>
              <quota>engine</quota>
              <grants>
                <query>GRANT SYSTEM LISTEN ON *.*</query>
              </grants>
            </default>
            <%3$s>
              <password_sha256_hex>%4$s</password_sha256_hex>
              <networks><ip>127.0.0.1</ip></networks>
              <profile>%8$s</profile>
              <quota>default</quota>
              <grants>
                <query>GRANT ALL ON %7$s.*</query>
                <query>GRANT TABLE ENGINE ON *</query>
                <query>GRANT SELECT ON system.*</query>
                <query>GRANT SELECT ON information_schema.*</query>
                <query>GRANT SELECT ON INFORMATION_SCHEMA.*</query>
                <query>GRANT CREATE FUNCTION ON *.*</query>
                <query>GRANT DROP FUNCTION ON *.*</query>
                <query>GRANT CREATE TEMPORARY TABLE ON *.*</query>
                <query>GRANT KILL QUERY ON *.*</query>
              </grants>
            </%3$s>
            <%5$s>
              <password_sha256_hex>%6$s</password_sha256_hex>
              <networks><ip>127.0.0.1</ip></networks>
              <profile>reader</profile>
              <quota>default</quota>
              <grants>
                <query>GRANT SELECT ON %7$s.*</query>
                <query>GRANT dictGet ON %7$s.*</query>
                <query>GRANT SELECT ON information_schema.*</query>
                <query>GRANT SELECT ON INFORMATION_SCHEMA.*</query>
                <!-- information_schema.tables reads it; it shows only tables that the user may select from. -->
                <query>GRANT SELECT ON system.parts</query>
              </grants>
            </%5$s>
          </users>
        </clickhouse>
        """
        .formatted(
            READER_SECONDS,
            READER_BYTES,
            WRITER,
            sha256(writerPassword),
            READER,
            sha256(readerPassword),
            DATABASE,
            writerMayWrite ? "default" : "frozen",
            READER_SECONDS_AT_MOST);
  }

  private static String sha256(String password) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(password.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
