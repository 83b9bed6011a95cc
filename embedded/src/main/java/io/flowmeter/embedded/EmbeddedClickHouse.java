package io.flowmeter.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.attribute.PosixFilePermissions.asFileAttribute;
import static java.nio.file.attribute.PosixFilePermissions.fromString;

import com.sun.jna.Native;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * The ClickHouse engine with its own HTTP server, in a process of its own (see {@link
 * ClickHouseHost}) that ends with this one. It listens on 127.0.0.1 only and has the two users of
 * {@link ClickHouseUsers}. There is no database until one of them creates it.
 */
public final class EmbeddedClickHouse implements EmbeddedService {
  public static final String NAME = "clickhouse";

  /** Requires more free space than any disk has. */
  private static final String FULL_DISK =
      "<storage_configuration><disks><default><keep_free_space_bytes>1000000000000000"
          + "</keep_free_space_bytes></default></disks></storage_configuration>";

  private final DataDirectory directory;
  private final ChildServer server;

  private EmbeddedClickHouse(DataDirectory directory, ChildServer server) {
    this.directory = directory;
    this.server = server;
  }

  /**
   * Starts a server and returns when it is ready.
   *
   * @param directory its data, configuration and log, kept over restarts; created if missing
   * @param preferredPort the HTTP port on 127.0.0.1; any free port is used if this is 0 or in use
   * @param users the users from now on; their passwords may differ from those at the last start
   * @throws EmbeddedServiceException if it cannot start
   */
  public static EmbeddedClickHouse start(Path directory, int preferredPort, ClickHouseUsers users) {
    return start(directory, preferredPort, users, ClickHouseEngine.find());
  }

  /**
   * Starts a server with an engine that the caller has found.
   *
   * @param engine the library, see {@link ClickHouseEngine}
   */
  public static EmbeddedClickHouse start(
      Path directory, int preferredPort, ClickHouseUsers users, Path engine) {
    return start(directory, preferredPort, users, engine, "");
  }

  /** Starts a server with a disk that has no free space, so that it can only be read. */
  public static EmbeddedClickHouse startOnFullDisk(
      Path directory, int preferredPort, ClickHouseUsers users) {
    return start(directory, preferredPort, users, ClickHouseEngine.find(), FULL_DISK);
  }

  private static EmbeddedClickHouse start(
      Path directory, int preferredPort, ClickHouseUsers users, Path engine, String disks) {
    DataDirectory claimed = DataDirectory.claim(NAME, directory);
    try {
      Path config = writeConfiguration(claimed, users, disks);
      ChildServer server =
          ChildServer.start(
              NAME, preferredPort, port -> launch(claimed.path(), engine, config, port), "/ping");
      return new EmbeddedClickHouse(claimed, server);
    } catch (RuntimeException e) {
      claimed.close();
      throw e;
    }
  }

  /** Returns {@code http://127.0.0.1:port}, for ClickHouse's HTTP interface. */
  public URI httpUrl() {
    return URI.create("http://" + Loopback.HOST + ":" + port());
  }

  /**
   * Returns the URL for ClickHouse's JDBC driver. The database must exist when a connection is
   * opened.
   */
  public String jdbcUrl(String database) {
    return "jdbc:clickhouse://" + Loopback.HOST + ":" + port() + "/" + database;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int port() {
    return server.port();
  }

  @Override
  public Path directory() {
    return directory.path();
  }

  @Override
  public boolean isAlive() {
    return server.isAlive();
  }

  @Override
  public CompletionStage<EmbeddedServiceException> death() {
    return server.death();
  }

  public long pid() {
    return server.pid();
  }

  /** Kills the server as {@code kill -9} does. Another one can be started on its data. */
  public void kill() {
    if (server.kill()) {
      directory.close();
    }
  }

  @Override
  public void close() {
    if (server.stop()) {
      directory.close();
    }
  }

  private static ChildJvm launch(Path directory, Path engine, Path config, int port) {
    List<String> jvmOptions = new ArrayList<>(List.of("-Xmx64m", "-Djna.tmpdir=" + directory));
    if (Runtime.version().feature() >= 22) {
      jvmOptions.add("--enable-native-access=ALL-UNNAMED");
    }
    return ChildJvm.start(
        NAME,
        directory,
        ClickHouseHost.class.getName(),
        List.of(Installation.codeOf(ClickHouseHost.class), Installation.codeOf(Native.class)),
        jvmOptions,
        List.of(
            engine.toString(),
            directory.toString(),
            "clickhouse",
            "--path=" + directory.resolve("store"),
            "--config-file=" + config,
            "--http_port=" + port,
            "--listen_host=" + Loopback.HOST,
            "--interactive",
            "--history_file=/dev/null",
            "--disable_suggestion",
            "--log-level=fatal",
            "--query",
            "SYSTEM START LISTEN HTTP"));
  }

  private static Path writeConfiguration(
      DataDirectory directory, ClickHouseUsers users, String disks) {
    Path usersFile = directory.resolve("users.xml");
    writePrivately(usersFile, users.toXml());
    Path config = directory.resolve("config.xml");
    writePrivately(config, configuration(usersFile, disks));
    return config;
  }

  /**
   * Returns the engine's configuration. Its HTTP rules accept only requests that use this host's
   * own name, because a foreign name could be pointed at 127.0.0.1. They reject web pages: a
   * browser sends an Origin with every request that could change data.
   */
  private static String configuration(Path usersFile, String disks) {
    return """
        <clickhouse>
          <users_config>%s</users_config>
          <timezone>UTC</timezone>
          %s
          <!-- The machine also runs the rest of Flowmeter. -->
          <max_server_memory_usage_to_ram_ratio>0.5</max_server_memory_usage_to_ram_ratio>
          <http_handlers>
            <rule>
              <url>/ping</url>
              <handler><type>ping</type></handler>
            </rule>
            <rule>
              <headers>
                <Host>regex:(127[.]0[.]0[.]1|localhost)(:[0-9]+)?</Host>
                <Origin></Origin>
              </headers>
              <handler>
                <type>dynamic_query_handler</type>
                <query_param_name>query</query_param_name>
              </handler>
            </rule>
            <rule>
              <handler>
                <type>static</type>
                <status>403</status>
                <content_type>text/plain; charset=UTF-8</content_type>
                <response_content>Rejected: expected Host 127.0.0.1 or localhost, and no Origin.&#10;</response_content>
              </handler>
            </rule>
          </http_handlers>
        </clickhouse>
        """
        .formatted(usersFile, disks);
  }

  /** Replaces a file with one that only its owner can read, from its first byte on. */
  private static void writePrivately(Path file, String text) {
    try {
      Files.deleteIfExists(file);
      Files.createFile(file, asFileAttribute(fromString("rw-------")));
      Files.write(file, text.getBytes(UTF_8));
    } catch (IOException e) {
      throw new EmbeddedServiceException("Could not write ClickHouse's configuration " + file, e);
    }
  }
}
