package io.flowmeter.embedded;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The TLS and SCRAM-SHA-512 settings of a broker, for one user. The broker itself connects the same
 * way.
 *
 * @param keyStore PKCS 12, with the broker's key and certificate, which must be valid for 127.0.0.1
 * @param trustStore PKCS 12, with the certificates that the broker trusts as a client
 * @param storePassword of both
 */
public record KafkaSecurity(
    Path keyStore, Path trustStore, String storePassword, String user, String password) {

  static final String LISTENER = "SASL_SSL";
  private static final String MECHANISM = "SCRAM-SHA-512";

  /** Hides the passwords, which must not appear in a log. */
  @Override
  public String toString() {
    return "KafkaSecurity[" + MECHANISM + " as " + user + "]";
  }

  /** Returns the arguments for formatting the storage, so that the user exists from the start. */
  List<String> scramArguments() {
    return List.of("%s=[name=%s,password=%s]".formatted(MECHANISM, user, password));
  }

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
