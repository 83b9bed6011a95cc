package io.flowmeter.embedded;

import io.flowmeter.http.Callers;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.jar.Attributes;
import java.util.jar.JarFile;

/**
 * Apicurio Registry, which implements the Confluent Schema Registry API, in a process of its own
 * (see {@link RegistryHost}) that ends with this one. It listens on 127.0.0.1 only, and rejects
 * other sites' pages and other host names (see {@link RegistryAccessFilter}). It keeps subjects,
 * IDs and compatibility in an H2 database on disk.
 *
 * <p>What it acknowledged survives a kill, except for the last milliseconds, because its database
 * writes in the background.
 *
 * <p>Compatibility is NONE until it is set. Parallel first registrations of one schema can get 409,
 * so register in order.
 */
public final class EmbeddedSchemaRegistry implements EmbeddedService {
  public static final String NAME = "registry";

  private static final String CONFLUENT_API = "/apis/ccompat/v7";
  static final String READY_PATH = CONFLUENT_API + "/subjects";

  private final DataDirectory directory;
  private final ChildServer server;

  private EmbeddedSchemaRegistry(DataDirectory directory, ChildServer server) {
    this.directory = directory;
    this.server = server;
  }

  /**
   * Starts a registry and returns when it is ready.
   *
   * @param directory its data and log, kept over restarts; created if missing
   * @param preferredPort the HTTP port on 127.0.0.1; any free port is used if this is 0 or in use
   * @throws EmbeddedServiceException if it cannot start
   */
  public static EmbeddedSchemaRegistry start(Path directory, int preferredPort) {
    Installation installation = Installation.find();
    installation.registryJar();
    DataDirectory claimed = DataDirectory.claim(NAME, directory);
    try {
      ChildServer server =
          ChildServer.start(
              NAME, preferredPort, port -> launch(installation, claimed.path(), port), READY_PATH);
      return new EmbeddedSchemaRegistry(claimed, server);
    } catch (RuntimeException e) {
      claimed.close();
      throw e;
    }
  }

  /**
   * Returns the base address of the Confluent API: {@code http://127.0.0.1:port/apis/ccompat/v7}.
   */
  public URI url() {
    return URI.create("http://" + Loopback.HOST + ":" + port() + CONFLUENT_API);
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

  @Override
  public void close() {
    if (server.stop()) {
      directory.close();
    }
  }

  private static ChildJvm launch(Installation installation, Path directory, int port) {
    Path jar = installation.registryJar();
    Path archive = installation.registryArchive();
    List<String> jvmOptions = jvmOptions(directory, port);
    // Netty passes each connection to RegistryAccessFilter.
    jvmOptions.add("-Dio.netty.bootstrap.extensions=serviceload");
    if (Files.exists(archive)) {
      jvmOptions.add("-XX:SharedArchiveFile=" + archive);
    }
    return ChildJvm.start(
        NAME,
        directory,
        RegistryHost.class.getName(),
        // The registry's JARs come first, and in the order in which they were archived.
        List.of(jar, Installation.codeOf(RegistryHost.class), Installation.codeOf(Callers.class)),
        jvmOptions,
        List.of(mainClassOf(jar), directory.toString()));
  }

  static String mainClassOf(Path jar) {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.getManifest().getMainAttributes().getValue(Attributes.Name.MAIN_CLASS);
    } catch (IOException e) {
      throw new EmbeddedServiceException(
          "Could not read the Schema Registry's jar %s: %s. Delete its directory and build again."
              .formatted(jar, e),
          e);
    }
  }

  static List<String> jvmOptions(Path directory, int port) {
    List<String> options = new ArrayList<>();
    options.add("-Xmx192m");
    settings(directory, port).forEach((key, value) -> options.add("-D" + key + "=" + value));
    return options;
  }

  private static Map<String, String> settings(Path directory, int port) {
    String ownOrigin = "http://" + Loopback.HOST + ":" + port;
    return Map.ofEntries(
        Map.entry("quarkus.http.host", Loopback.HOST),
        Map.entry("quarkus.http.port", Integer.toString(port)),
        // Otherwise it listens on all addresses.
        Map.entry("quarkus.management.host", Loopback.HOST),
        Map.entry("quarkus.management.port", "0"),
        // Allows only its own web page.
        Map.entry("quarkus.http.cors.origins", ownOrigin),
        Map.entry("REGISTRY_DATASOURCE_URL", "jdbc:h2:file:" + directory.resolve("registry")),
        // By default, 20 connections are opened at the start.
        Map.entry("quarkus.datasource.jdbc.initial-size", "1"),
        Map.entry("quarkus.datasource.jdbc.min-size", "1"),
        Map.entry("LOG_LEVEL", "WARN"),
        Map.entry("REGISTRY_LOG_LEVEL", "WARN"));
  }
}
