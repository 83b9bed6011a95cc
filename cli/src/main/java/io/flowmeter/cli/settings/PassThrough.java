package io.flowmeter.cli.settings;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;

/**
 * Settings that are another project's own, handed on to its client under its own names: {@code
 * kafka.sasl.mechanism} reaches every Kafka client as {@code sasl.mechanism}. What is a secret may
 * also be in a file, which the name with {@code .file} behind it tells.
 *
 * @param prefix what stands before the client's own name
 * @param keys the client's own names that may be set
 */
public record PassThrough(String prefix, Set<String> keys, String description) {

  public static final PassThrough KAFKA =
      new PassThrough(
          "kafka.",
          kafkaKeys(),
          "Every Kafka client's security and connection settings, such as"
              + " `kafka.security.protocol`, `kafka.sasl.*`, `kafka.ssl.*`.");

  public static final PassThrough REGISTRY =
      new PassThrough(
          "registry.",
          registryKeys(),
          "The Confluent Schema Registry client's settings, such as"
              + " `registry.basic.auth.user.info`, `registry.bearer.auth.token`,"
              + " `registry.schema.registry.ssl.truststore.location`.");

  public static final PassThrough CLICKHOUSE =
      new PassThrough(
          "clickhouse.",
          Set.of(
              "trust_store",
              "ssl_key_store",
              "key_store_type",
              "key_store_password",
              "sslrootcert",
              "sslcert",
              "ssl_key",
              "connection_timeout",
              "socket_timeout",
              "decompress",
              "proxy_type",
              "proxy_host",
              "proxy_port",
              "proxy_user",
              "proxy_password"),
          "The ClickHouse driver's TLS and connection settings, such as `clickhouse.trust_store`,"
              + " `clickhouse.key_store_password`, `clickhouse.sslrootcert`,"
              + " `clickhouse.proxy_host`.");

  public static final List<PassThrough> ALL = List.of(KAFKA, REGISTRY, CLICKHOUSE);

  private static final List<String> SECRET_WORDS =
      List.of(
          "password",
          "passphrase",
          "secret",
          "token",
          "jaas",
          "user.info",
          "keystore.key",
          "credential");

  /** Behind the name of a secret: a file that holds it. */
  private static final String IN_FILE = ".file";

  /** The full names that may be set. */
  Stream<String> names() {
    return keys.stream()
        .map(key -> prefix + key)
        .flatMap(name -> isSecret(name) ? Stream.of(name, name + IN_FILE) : Stream.of(name));
  }

  /** The secret whose file the name tells; empty where it tells none. */
  static Optional<String> secretInFile(String name) {
    return Optional.of(name)
        .filter(full -> full.endsWith(IN_FILE))
        .map(full -> full.substring(0, full.length() - IN_FILE.length()))
        .filter(secret -> isSecret(secret) && of(secret).isPresent());
  }

  /** The pass-through that knows the full name. */
  static Optional<PassThrough> of(String name) {
    return ALL.stream()
        .filter(pass -> name.startsWith(pass.prefix()))
        .filter(pass -> pass.keys().contains(name.substring(pass.prefix().length())))
        .findFirst();
  }

  /** Whether a client's setting of this name is a secret: its name tells. */
  static boolean isSecret(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    boolean place = Stream.of(".location", ".url", "source", IN_FILE).anyMatch(lower::endsWith);
    return !place && SECRET_WORDS.stream().anyMatch(lower::contains);
  }

  private static Set<String> kafkaKeys() {
    Set<String> keys = new TreeSet<>(AdminClientConfig.configNames());
    // The product's own, or of no meaning to other clients.
    keys.removeAll(
        Set.of("bootstrap.servers", "bootstrap.controllers", "client.id", "enable.metrics.push"));
    // How soon a process that died is missed, and who takes its place at once.
    keys.addAll(Set.of("session.timeout.ms", "heartbeat.interval.ms", "group.instance.id"));
    return Set.copyOf(keys);
  }

  private static Set<String> registryKeys() {
    Set<String> keys =
        new TreeSet<>(
            Set.of(
                "basic.auth.credentials.source",
                "basic.auth.user.info",
                "bearer.auth.credentials.source",
                "bearer.auth.token",
                "bearer.auth.issuer.endpoint.url",
                "bearer.auth.client.id",
                "bearer.auth.client.secret",
                "bearer.auth.scope",
                "bearer.auth.logical.cluster",
                "bearer.auth.identity.pool.id",
                "proxy.host",
                "proxy.port"));
    AdminClientConfig.configNames().stream()
        .filter(name -> name.startsWith("ssl."))
        .map(name -> "schema.registry." + name)
        .forEach(keys::add);
    return Set.copyOf(keys);
  }

  /** The entries of this client, under its own names. */
  Map<String, String> own(Map<String, String> all) {
    Map<String, String> own = new java.util.TreeMap<>();
    all.forEach(
        (name, value) -> {
          if (name.startsWith(prefix)) {
            own.put(name.substring(prefix.length()), value);
          }
        });
    return own;
  }
}
