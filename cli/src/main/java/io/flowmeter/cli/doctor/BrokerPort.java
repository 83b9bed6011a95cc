package io.flowmeter.cli.doctor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * What stands behind a broker's address, where Kafka's client only tells that nothing answered in
 * time. Nothing but a handshake is sent.
 */
final class BrokerPort {
  private static final int PATIENCE_MS = 2_000;
  private static final int KAFKA = 9092;

  private BrokerPort() {}

  /**
   * What is wrong with the first of the addresses, and what to do; empty where nothing shows.
   *
   * @param bootstrapServers {@code host:port,…}
   * @param protocol Kafka's {@code security.protocol} that is in force
   */
  static Optional<String> trouble(String bootstrapServers, String protocol) {
    String first = bootstrapServers.split(",")[0].strip();
    int colon = first.lastIndexOf(':');
    String host = colon < 0 ? first : first.substring(0, colon);
    int port;
    try {
      port = colon < 0 ? KAFKA : Integer.parseInt(first.substring(colon + 1));
    } catch (NumberFormatException e) {
      return Optional.of("%s is no host:port. Correct kafka.bootstrap.servers".formatted(first));
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host.replaceAll("[\\[\\]]", ""), port), PATIENCE_MS);
    } catch (IOException | IllegalArgumentException e) {
      return Optional.of(
          "nothing listens at %s (%s). Start the broker, or correct kafka.bootstrap.servers"
              .formatted(first, e.getMessage()));
    }
    boolean secured = protocol.endsWith("SSL");
    if (!secured && speaksTls(host, port)) {
      return Optional.of(
          "%s speaks TLS, but kafka.security.protocol is %s. Set it to SSL or SASL_SSL, or take the broker's plain port"
              .formatted(first, protocol));
    }
    return Optional.empty();
  }

  private static boolean speaksTls(String host, int port) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Anybody()}, null);
      try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket()) {
        socket.connect(new InetSocketAddress(host, port), PATIENCE_MS);
        socket.setSoTimeout(PATIENCE_MS);
        socket.startHandshake();
        return true;
      }
    } catch (IOException | GeneralSecurityException e) {
      // A server that wants our certificate refuses in TLS's own words.
      return e.getMessage() != null && e.getMessage().contains("fatal alert");
    }
  }

  /** Nothing is told to whoever answers, so that it may be anybody. */
  private static final class Anybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
