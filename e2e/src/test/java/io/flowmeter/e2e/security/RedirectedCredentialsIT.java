package io.flowmeter.e2e.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.SchemaRegistryException;
import io.flowmeter.sql.BlockInserts;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.ReadOnlyQuery;
import io.flowmeter.sql.RefusedQueryException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A registry or a ClickHouse that sends elsewhere: credentials do not go there. */
class RedirectedCredentialsIT {
  private static final String CANARY = "canary-password-of-ours";

  private final List<String> arrived = new CopyOnWriteArrayList<>();
  private final List<HttpServer> servers = new ArrayList<>();

  @AfterEach
  void stop() {
    servers.forEach(server -> server.stop(0));
  }

  private int elsewhere() throws IOException {
    HttpServer server = server();
    server.createContext(
        "/",
        exchange -> {
          arrived.add(exchange.getRequestMethod() + " " + exchange.getRequestHeaders().entrySet());
          exchange.sendResponseHeaders(404, -1);
          exchange.close();
        });
    return server.getAddress().getPort();
  }

  private String redirecting(int status, int to) throws IOException {
    HttpServer server = server();
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange
              .getResponseHeaders()
              .set("Location", "http://localhost:" + to + exchange.getRequestURI());
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private HttpServer server() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    servers.add(server);
    server.start();
    return server;
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void theRegistrysCredentialsStayWhereTheyBelong(int status) throws IOException {
    String url = redirecting(status, elsewhere());
    try (SchemaRegistry registry =
        SchemaRegistry.confluent(url, Map.of("basic.auth.user.info", "me:" + CANARY))) {
      assertThatThrownBy(() -> registry.compatibility("any"))
          .isInstanceOf(SchemaRegistryException.class)
          .hasMessageNotContaining(CANARY);
    }
    assertThat(arrived).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void clickHousesPasswordStaysWhereItBelongs(int status) throws IOException {
    ClickHouseEndpoint there =
        new ClickHouseEndpoint(redirecting(status, elsewhere()), "me", CANARY);

    assertThatThrownBy(
            () -> {
              try (Connection connection = there.connect()) {
                connection.createStatement().execute("SELECT 1");
              }
            })
        .isInstanceOf(SQLException.class)
        .hasMessageNotContaining(CANARY);
    try (BlockInserts inserts = BlockInserts.into(there, 1, Duration.ofSeconds(5))) {
      assertThatThrownBy(() -> inserts.columns("any"))
          .isInstanceOf(SQLException.class)
          .hasMessageNotContaining(CANARY);
    }
    assertThatThrownBy(() -> new ReadOnlyQuery(there, Map.of(), Duration.ofSeconds(5)).execute("x"))
        .isInstanceOf(RefusedQueryException.class)
        .hasMessage("status " + status);
    // The driver follows some, as GET, without what it asked and without who it is.
    assertThat(arrived)
        .allMatch(request -> request.startsWith("GET "))
        .noneMatch(request -> request.contains(CANARY) || request.contains("Authorization"))
        .noneMatch(request -> request.toLowerCase(Locale.ROOT).contains("clickhouse"));
  }
}
