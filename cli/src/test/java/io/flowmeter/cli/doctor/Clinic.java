package io.flowmeter.cli.doctor;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.migrate.BackendMigration;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.clock.Clock;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedStack;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;

/** Parts in good health, that can be made ill and are well again afterwards. */
final class Clinic implements AutoCloseable {
  static final String TOKEN = "token-0123456789";

  private final Path temp;
  private final EmbeddedStack stack;
  private final Simulator simulator;
  private final Map<String, String> settings = new HashMap<>();

  private Clinic(Path temp) throws IOException {
    this.temp = temp;
    this.stack =
        EmbeddedStack.in(temp.resolve("parts"))
            .withKafka(0)
            .withRegistry(0)
            .withClickHouse(0, ClickHouseUsers.of("writer-secret", "reader-secret"))
            .start();
    this.simulator =
        Simulator.start(SimulatorConfig.of(1, Clock.system().instant()).withToken(TOKEN));
    reset();
    Backends backends = parts();
    BackendMigration.topicsAndSchemas(backends);
    BackendMigration.tables(backends);
  }

  static Clinic open(Path temp) throws IOException {
    return new Clinic(temp);
  }

  /** The settings as they should be. */
  void reset() {
    settings.clear();
    settings.put("FLOWMETER_DATA_DIR", temp.resolve("data").toString());
    settings.put("FLOWMETER_KAFKA_BOOTSTRAP_SERVERS", stack.kafka().bootstrapServers());
    settings.put("FLOWMETER_REGISTRY_URL", stack.registry().url().toString());
    settings.put("FLOWMETER_CLICKHOUSE_URL", stack.clickHouse().httpUrl().toString());
    settings.put("FLOWMETER_CLICKHOUSE_PASSWORD", "writer-secret");
    settings.put("FLOWMETER_CLICKHOUSE_READER_PASSWORD", "reader-secret");
    settings.put("FLOWMETER_SOURCE_URL", simulator.baseUri().toString());
    settings.put("CLOUDFLARE_ACCOUNT_ID", simulator.account());
    settings.put("CLOUDFLARE_API_TOKEN", TOKEN);
  }

  /** Sets a variable of the environment; returns what does nothing, for {@link #reset} follows. */
  Mending set(String variable, String value) {
    settings.put(variable, value);
    return () -> {};
  }

  /** Makes well again what was made ill. */
  interface Mending {
    void mend() throws Exception;
  }

  Backends parts() {
    return Backends.find(Settings.read(Map.of(), settings, Optional.empty()));
  }

  List<Finding> examine(Function<Diagnostics, List<Finding>> room) {
    return room.apply(new Diagnostics(parts()));
  }

  Path temp() {
    return temp;
  }

  Simulator simulator() {
    return simulator;
  }

  EmbeddedStack stack() {
    return stack;
  }

  Admin admin() {
    return parts().admin();
  }

  void sql(String statement) throws SQLException {
    try (Connection connection = parts().writer().connect();
        Statement each = connection.createStatement()) {
      each.execute(statement);
    }
  }

  @Override
  public void close() {
    simulator.close();
    stack.close();
  }
}
