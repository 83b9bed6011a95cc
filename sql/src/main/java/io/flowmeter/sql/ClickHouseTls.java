package io.flowmeter.sql;

import com.clickhouse.client.api.internal.SslContextProvider;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

/**
 * TLS as the driver's own options tell it, for requests that do not go through the driver: whom to
 * trust ({@code trust_store} or {@code sslrootcert}), and who one is ({@code sslcert}, {@code
 * ssl_key}). Without any, as Java does by itself. The name in the server's certificate must be the
 * host's.
 *
 * <p>The driver has no public API for this; only this file knows the class that reads the files.
 */
final class ClickHouseTls {
  private static final Set<String> OPTIONS = Set.of("trust_store", "sslrootcert", "sslcert");

  private final Optional<SSLSocketFactory> sockets;

  private ClickHouseTls(Optional<SSLSocketFactory> sockets) {
    this.sockets = sockets;
  }

  /**
   * @throws IOException where a file cannot be read, or is not what it should be
   */
  static ClickHouseTls of(Map<String, String> options) throws IOException {
    if (OPTIONS.stream().noneMatch(options::containsKey)) {
      return new ClickHouseTls(Optional.empty());
    }
    try {
      return new ClickHouseTls(Optional.of(context(options).getSocketFactory()));
    } catch (RuntimeException e) {
      throw new IOException(
          "expected the clickhouse.trust_store, sslrootcert or sslcert of the settings to be readable, came: "
              + e.getMessage(),
          e);
    }
  }

  private static SSLContext context(Map<String, String> options) {
    SslContextProvider.Builder builder = new SslContextProvider().builder();
    if (options.containsKey("sslcert")) {
      builder.clientCertificate(options.get("sslcert"), options.get("ssl_key"));
    }
    if (options.containsKey("trust_store")) {
      builder.trustStore(
          options.get("trust_store"),
          options.get("key_store_password"),
          options.get("key_store_type"));
    } else if (options.containsKey("sslrootcert")) {
      builder.rootCertificate(options.get("sslrootcert"));
    }
    return builder.build();
  }

  void applyTo(HttpURLConnection request) {
    if (request instanceof HttpsURLConnection https) {
      sockets.ifPresent(https::setSSLSocketFactory);
    }
  }
}
