package io.flowmeter.e2e.security;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.migrate.BackendMigration;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedKafka;
import io.flowmeter.embedded.EmbeddedStack;
import io.flowmeter.embedded.KafkaSecurity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The three parts as a careful operator has them: a broker that wants TLS and a login; a registry
 * and a ClickHouse that are reached over TLS only, the registry with basic or bearer credentials.
 */
final class SecuredBackends implements AutoCloseable {
  static final String USER = "flowmeter";
  static final String KAFKA_PASSWORD = "canary-kafka-password";
  static final String REGISTRY_PASSWORD = "canary-registry-password";
  static final String REGISTRY_TOKEN = "canary-registry-token";
  static final String WRITER_PASSWORD = "canary-writer-password";
  static final String READER_PASSWORD = "canary-reader-password";
  static final String REGISTRY_PATH = "/apis/ccompat/v7";

  final TestCertificate certificate;
  final TestCertificate untrusted;
  final EmbeddedKafka kafka;
  final EmbeddedStack others;
  final EnforcingProxy registry;
  final EnforcingProxy clickHouse;
  private final Path directory;

  /** Started once for all tests that want them, and stopped when all tests have run. */
  static SecuredBackends of(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.GLOBAL)
        .getOrComputeIfAbsent(SecuredBackends.class, key -> start(), SecuredBackends.class);
  }

  private static SecuredBackends start() {
    try {
      return new SecuredBackends(Files.createTempDirectory("flowmeter-secured"));
    } catch (Exception e) {
      throw new IllegalStateException("the secured parts did not start", e);
    }
  }

  private SecuredBackends(Path directory) throws Exception {
    this.directory = directory;
    CompletableFuture<EmbeddedStack> starting =
        CompletableFuture.supplyAsync(
            () ->
                EmbeddedStack.in(directory.resolve("theirs"))
                    .withRegistry(0)
                    .withClickHouse(0, ClickHouseUsers.of(WRITER_PASSWORD, READER_PASSWORD))
                    .start());
    certificate = TestCertificate.make(directory, "ours");
    untrusted = TestCertificate.make(directory, "untrusted");
    kafka =
        EmbeddedKafka.startSecured(
            directory.resolve("kafka"),
            0,
            new KafkaSecurity(
                certificate.keyStore(),
                certificate.trustStore(),
                TestCertificate.PASSWORD,
                USER,
                KAFKA_PASSWORD));
    others = starting.get();
    registry =
        new EnforcingProxy(
            certificate,
            others.registry().url().resolve("/"),
            Set.of("Basic " + base64(USER + ":" + REGISTRY_PASSWORD), "Bearer " + REGISTRY_TOKEN)
                ::contains);
    clickHouse = new EnforcingProxy(certificate, others.clickHouse().httpUrl(), given -> true);
    // Tests run in any order: none may depend on the tables that another one made.
    BackendMigration.tables(Backends.find(Settings.read(settings(), Map.of(), Optional.empty())));
  }

  /** With which everything works; what is secret stands in files of their owner's alone. */
  Map<String, String> settings() throws IOException {
    Map<String, String> settings = new HashMap<>();
    settings.put("data.dir", directory.resolve("data").toString());
    settings.put("metrics.port", "0");
    settings.put("preview.port", "0");

    settings.put("kafka.bootstrap.servers", kafka.bootstrapServers());
    settings.put("kafka.security.protocol", "SASL_SSL");
    settings.put("kafka.sasl.mechanism", "SCRAM-SHA-512");
    settings.put("kafka.sasl.jaas.config.file", secret("jaas", jaas(KAFKA_PASSWORD)));
    settings.put("kafka.ssl.truststore.location", certificate.trustStore().toString());
    settings.put("kafka.ssl.truststore.type", "PKCS12");
    settings.put("kafka.ssl.truststore.password.file", secret("store", TestCertificate.PASSWORD));

    settings.put("registry.url", registry.url(REGISTRY_PATH).toString());
    settings.put(
        "registry.basic.auth.user.info.file", secret("basic", USER + ":" + REGISTRY_PASSWORD));
    settings.put(
        "registry.schema.registry.ssl.truststore.location", certificate.trustStore().toString());
    settings.put("registry.schema.registry.ssl.truststore.type", "PKCS12");
    settings.put(
        "registry.schema.registry.ssl.truststore.password.file",
        secret("store", TestCertificate.PASSWORD));

    settings.put("clickhouse.url", clickHouse.url("").toString());
    settings.put("clickhouse.password.file", secret("writer", WRITER_PASSWORD));
    settings.put("clickhouse.reader.password.file", secret("reader", READER_PASSWORD));
    settings.put("clickhouse.trust_store", certificate.trustStore().toString());
    settings.put("clickhouse.key_store_type", "PKCS12");
    settings.put("clickhouse.key_store_password.file", secret("store", TestCertificate.PASSWORD));
    return settings;
  }

  static String jaas(String password) {
    return "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
        .formatted(USER, password);
  }

  /** A file with a secret in it. */
  String secret(String name, String text) throws IOException {
    Path file = directory.resolve(name + ".secret");
    if (!Files.exists(file)) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    return Files.writeString(file, text + "\n").toString();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() throws IOException {
    registry.close();
    clickHouse.close();
    kafka.close();
    others.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
