package io.flowmeter.embedded;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a broker demands of its clients: TLS, and SCRAM-SHA-512 as one user. The broker talks to
 * itself that way, too.
 *
 * @param keyStore PKCS 12, with the broker's key and certificate, which must be good for 127.0.0.1
 * @param trustStore PKCS 12, with what the broker trusts when it talks to itself
 * @param storePassword of both
 * @param user whose name and password a client has to know
 */
public record KafkaSecurity(
    Path keyStore, Path trustStore, String storePassword, String user, String password) {

  static final String LISTENER = "SASL_SSL";
  private static final String MECHANISM = "SCRAM-SHA-512";

  /** The passwords do not belong into a log. */
  @Override
  public String toString() {
    return "KafkaSecurity[" + MECHANISM + " as " + user + "]";
  }

  /** What the storage is to be formatted with, so that the user is there from the start. */
  List<String> scramArguments() {
    return List.of("%s=[name=%s,password=%s]".formatted(MECHANISM, user, password));
  }

  /** The broker's own settings. */
  Map<String, String> brokerSettings() {
    return Map.of(
        "inter.broker.listener.name",
        LISTENER,
        "sasl.enabled.mechanisms",
        MECHANISM,
        "sasl.mechanism.inter.broker.protocol",
        MECHANISM,
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
            .formatted(user, password),
        "ssl.keystore.type",
        "PKCS12",
        "ssl.keystore.location",
        keyStore.toString(),
        "ssl.keystore.password",
        storePassword,
        "ssl.truststore.type",
        "PKCS12",
        "ssl.truststore.location",
        trustStore.toString(),
        "ssl.truststore.password",
        storePassword);
  }
}
