package io.flowmeter.cli.backend;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;

/** Why Kafka cannot be used as it is configured, and what to do, in a sentence each. */
final class KafkaDiagnosis {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int HANG_UPS = 3;
  private static final Pattern SERVER = Pattern.compile("\\s*\\[?([^,\\]]+?)\\]?:(\\d{1,5})\\s*");

  private KafkaDiagnosis() {}

  /** What the client itself can tell; empty where it only got no answer. */
  static Optional<String> describe(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof SaslAuthenticationException) {
        return Optional.of(
            "it refused the login (%s). Check kafka.sasl.mechanism, and user and password in kafka.sasl.jaas.config"
                .formatted(at.getMessage()));
      }
      if (at instanceof SslAuthenticationException) {
        return Optional.of(
            "its certificate does not hold (%s). Check that kafka.ssl.truststore.location holds who signed it, and that it names the host"
                .formatted(root(at).getMessage()));
      }
    }
    return Optional.empty();
  }

  /** Whether the settings want TLS. */
  static boolean wantsTls(Map<String, Object> config) {
    return protocol(config).endsWith("SSL");
  }

  /**
   * Whether the brokers speak another language than the settings say, as knocking tells; empty
   * where they do not, or cannot be reached.
   */
  static Optional<String> misunderstood(Map<String, Object> config) {
    List<PortProbe> doors = knock(config);
    if (doors.contains(wantsTls(config) ? PortProbe.TLS : PortProbe.PLAIN)) {
      return Optional.empty();
    }
    if (doors.contains(PortProbe.TLS)) {
      return Optional.of(
          "it speaks TLS, and kafka.security.protocol is %s. Set SSL, or SASL_SSL where it wants a login"
              .formatted(protocol(config)));
    }
    if (doors.contains(PortProbe.PLAIN)) {
      return Optional.of(
          "it does not speak TLS, and kafka.security.protocol is %s. Ask its TLS port: what goes over this one, everybody on the way can read"
              .formatted(protocol(config)));
    }
    return doors.contains(PortProbe.STRANGE)
        ? Optional.of("something else than Kafka listens there. Check kafka.bootstrap.servers")
        : Optional.empty();
  }

  /** Whether nothing listens at any of the addresses. */
  static boolean isUnavailable(Map<String, Object> config) {
    return knock(config).stream().allMatch(door -> door == PortProbe.CLOSED);
  }

  /** Whether the settings have a login. */
  static boolean logsIn(Map<String, Object> config) {
    return protocol(config).startsWith("SASL");
  }

  /** What a broker that hangs up on somebody without a login wants. */
  static String wantsALogin(Map<String, Object> config) {
    return "it hangs up on whoever does not log in. Set kafka.security.protocol to SASL_%s, kafka.sasl.mechanism and kafka.sasl.jaas.config"
        .formatted(wantsTls(config) ? "SSL" : "PLAINTEXT");
  }

  /**
   * Whether connections are made and ended without an answer, again and again. One that is only
   * slow ends none.
   */
  static boolean hangsUp(Admin admin) {
    return Stream.of("connection-creation-total", "connection-close-total")
        .allMatch(name -> total(admin, name) >= HANG_UPS);
  }

  private static double total(Admin admin, String name) {
    return admin.metrics().entrySet().stream()
        .filter(metric -> metric.getKey().name().equals(name))
        .mapToDouble(metric -> (Double) metric.getValue().metricValue())
        .max()
        .orElse(0);
  }

  private static List<PortProbe> knock(Map<String, Object> config) {
    String servers = String.valueOf(config.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
    return Stream.of(servers.split(","))
        .map(SERVER::matcher)
        .filter(Matcher::matches)
        .map(at -> PortProbe.knock(at.group(1), Integer.parseInt(at.group(2)), PATIENCE))
        .toList();
  }

  private static String protocol(Map<String, Object> config) {
    return String.valueOf(
        config.getOrDefault(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, "PLAINTEXT"));
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
