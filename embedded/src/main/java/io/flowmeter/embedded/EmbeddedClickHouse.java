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
 * The whole ClickHouse engine with its own HTTP server, in a process of its own (see {@link
 * ClickHouseHost}) that ends with this one. It listens on 127.0.0.1 only and knows the two users of
 * {@link ClickHouseUsers}; there is no database until one of them makes it.
 */
public final class EmbeddedClickHouse implements EmbeddedService {
  public static final String NAME = "clickhouse";

  /** More than any disk has is to be kept free. */
  private static final String NO_ROOM =
      "<storage_configuration><disks><default><keep_free_space_bytes>1000000000000000"
          + "</keep_free_space_bytes></default></disks></storage_configuration>";

  private final DataDirectory directory;
  private final ChildServer server;

  private EmbeddedClickHouse(DataDirectory directory, ChildServer server) {
    this.directory = directory;
    this.server = server;
  }

  /**
   * Starts a server and returns when it serves.
   *
   * @param directory its data, configuration and log, kept over restarts; made when missing
   * @param wishedPort the HTTP port on 127.0.0.1; 0, or one that is taken, gives any free one
   * @param users who may log in from now on; their passwords may differ from the last start's
   * @throws EmbeddedServiceException when it cannot start
   */
  public static EmbeddedClickHouse start(Path directory, int wishedPort, ClickHouseUsers users) {
    return start(directory, wishedPort, users, ClickHouseEngine.find());
  }

  /**
   * The same with an engine that the caller has found.
   *
   * @param engine the library, see {@link ClickHouseEngine}
   */
  public static EmbeddedClickHouse start(
      Path directory, int wishedPort, ClickHouseUsers users, Path engine) {
    return start(directory, wishedPort, users, engine, "");
  }

  /** The same with a disk that has no room for anything more: it can be read only. */
  public static EmbeddedClickHouse startOnFullDisk(
      Path directory, int wishedPort, ClickHouseUsers users) {
    return start(directory, wishedPort, users, ClickHouseEngine.find(), NO_ROOM);
  }

  private static EmbeddedClickHouse start(
      Path directory, int wishedPort, ClickHouseUsers users, Path engine, String disks) {
    DataDirectory claimed = DataDirectory.claim(NAME, directory);
    try {
      Path config = writeConfiguration(claimed, users, disks);
      ChildServer server =
          ChildServer.start(
              NAME, wishedPort, port -> launch(claimed.path(), engine, config, port), "/ping");
      return new EmbeddedClickHouse(claimed, server);
    } catch (RuntimeException e) {
      claimed.close();
      throw e;
    }
  }

  /** {@code http://127.0.0.1:port}, for ClickHouse's HTTP interface. */
  public URI httpUrl() {
    return URI.create("http://" + Loopback.HOST + ":" + port());
  }

  /** For ClickHouse's JDBC driver; the database must exist when a connection is made. */
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

  /** The process id of the server's process. */
  public long pid() {
    return server.pid();
  }

  /** Kills the server as {@code kill -9} does; another can be started on its data. */
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
   * The engine's configuration. Its HTTP rules let in who calls this host by its own name (a
   * foreign name could be pointed at 127.0.0.1) and is no web page (a browser sends an Origin with
   * whatever could change anything).
   */
  private static String configuration(Path usersFile, String disks) {
    return """
        <clickhouse>
          <users_config>%s</users_config>
          <timezone>UTC</timezone>
          %s
          <!-- It shares the machine with the rest of Flowmeter. -->
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
                <response_content>Refused: expected Host 127.0.0.1 or localhost, and no Origin.&#10;</response_content>
              </handler>
            </rule>
          </http_handlers>
        </clickhouse>
        """
        .formatted(usersFile, disks);
  }

  /** Replaces a file by one that only its owner can read, from its first byte on. */
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
