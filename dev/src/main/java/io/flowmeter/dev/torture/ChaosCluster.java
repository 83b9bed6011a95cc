package io.flowmeter.dev.torture;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.clock.Clock;
import io.flowmeter.clock.FastClock;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedKafkaCluster;
import io.flowmeter.embedded.EmbeddedStack;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.simulator.fleet.FleetPlan;
import io.flowmeter.verify.relation.RelationReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What the tortured processes work with: a simulator, Kafka, a registry and ClickHouse. */
final class ChaosCluster implements AutoCloseable {
  /**
   * For the start, errands and catching up on a busy machine, in real time; virtual time lies so
   * much further back. Brokers take no records from a future.
   */
  private static final Duration SPARE = Duration.ofMinutes(30);

  /** All classes are loaded by then, on a busy machine, too. */
  private static final Duration REHEARSAL = Duration.ofSeconds(15);

  private static final String ORIGIN = "torture";

  private final Path home;
  private final FastClock clock;
  private final Instant startedAt;
  private final String token = "torture-" + UUID.randomUUID();
  private final ClickHouseUsers users =
      ClickHouseUsers.of(UUID.randomUUID().toString(), UUID.randomUUID().toString());
  private final EmbeddedStack stack;
  private final Optional<EmbeddedKafkaCluster> brokers;
  private final Simulator simulator;
  private final TorturedClickHouse clickHouse;

  private ChaosCluster(Path home, TorturePlan plan) {
    this.home = home;
    Path parts = home.resolve("parts");
    EmbeddedStack.Plan planned = EmbeddedStack.in(parts).withRegistry(0);
    this.stack = (plan.brokers() == 1 ? planned.withKafka(0) : planned).start();
    this.brokers =
        plan.brokers() == 1
            ? Optional.empty()
            : Optional.of(EmbeddedKafkaCluster.start(parts.resolve("brokers"), plan.brokers()));
    this.clickHouse = new TorturedClickHouse(parts.resolve("clickhouse"), users);
    Duration span = plan.lasts().plus(SPARE);
    this.startedAt =
        Clock.system().instant().minus(Duration.ofMillis((long) (span.toMillis() * plan.speed())));
    this.clock = FastClock.from(startedAt, plan.speed());
    try {
      this.simulator =
          Simulator.start(
              SimulatorConfig.of(FleetPlan.day(plan.seed(), startedAt, plan.instances()))
                  .withRateLimit(Optional.empty())
                  .withFaults(plan.faults())
                  .withToken(token)
                  .withClock(clock));
    } catch (IOException e) {
      stack.close();
      throw new UncheckedIOException("the simulator cannot listen on loopback", e);
    }
  }

  /** Starts all of it below a directory. */
  static ChaosCluster start(Path home, TorturePlan plan) {
    return new ChaosCluster(home, plan);
  }

  FastClock clock() {
    return clock;
  }

  Instant startedAt() {
    return startedAt;
  }

  Simulator simulator() {
    return simulator;
  }

  String token() {
    return token;
  }

  TorturedClickHouse clickHouse() {
    return clickHouse;
  }

  /** Where there are several. */
  Optional<EmbeddedKafkaCluster> brokers() {
    return brokers;
  }

  private String bootstrapServers() {
    return brokers
        .map(EmbeddedKafkaCluster::bootstrapServers)
        .orElseGet(() -> stack.kafka().bootstrapServers());
  }

  /** What the product needs to know, as it is set in its environment. */
  private Map<Setting<?>, String> settings() {
    Map<Setting<?>, String> settings = new HashMap<>();
    settings.put(Setting.CLOCK, clock.toString());
    settings.put(Setting.SOURCE_URL, simulator.baseUri().toString());
    settings.put(Setting.ACCOUNT_ID, simulator.account());
    settings.put(Setting.API_TOKEN, token);
    settings.put(Setting.INGEST_INTERVAL, "60s");
    settings.put(Setting.INGEST_REQUEST_LIMIT, "1000000");
    settings.put(Setting.INGEST_REQUEST_SHARE, "1");
    settings.put(Setting.METRICS_PORT, "off");
    settings.put(Setting.KAFKA_BOOTSTRAP_SERVERS, bootstrapServers());
    brokers.ifPresent(
        several ->
            settings.put(
                Setting.TOPICS_REPLICATION, Integer.toString(Math.min(3, several.nodes().size()))));
    settings.put(Setting.REGISTRY_URL, stack.registry().url().toString());
    settings.put(Setting.CLICKHOUSE_URL, clickHouse.url().toString());
    settings.put(Setting.CLICKHOUSE_PASSWORD, users.writerPassword());
    settings.put(Setting.CLICKHOUSE_READER_PASSWORD, users.readerPassword());
    return settings;
  }

  /** Starts a command of the product. */
  Child start(String name, List<String> arguments, Optional<String> armed) {
    return start(name, arguments, armed, ClassArchive.of(home, arguments.get(0)).use());
  }

  /**
   * Lets commands of the product live a while and end in order, side by side, so that all later
   * lives of them start sooner.
   */
  void rehearse(List<String> commands) throws InterruptedException {
    List<Child> first = new ArrayList<>();
    for (String command : commands) {
      first.add(
          start(
              command + "-1",
              List.of(command),
              Optional.empty(),
              ClassArchive.of(home, command).write()));
    }
    Clock.system().sleep(REHEARSAL);
    for (int i = 0; i < first.size(); i++) {
      if (first.get(i).stop() == 0) {
        ClassArchive.of(home, commands.get(i)).take();
      }
    }
  }

  private Child start(
      String name, List<String> arguments, Optional<String> armed, List<String> jvmOptions) {
    Map<String, String> environment = new HashMap<>();
    settings().forEach((setting, value) -> environment.put(setting.variable(), value));
    // A dead process is to be missed soon; brokers take no less.
    environment.put("FLOWMETER_KAFKA_SESSION_TIMEOUT_MS", "6000");
    environment.put("FLOWMETER_KAFKA_HEARTBEAT_INTERVAL_MS", "1500");
    return Child.start(home, name, arguments, environment, armed, jvmOptions);
  }

  /** The way to the parts. */
  Backends parts() {
    Settings settings = Settings.defaults();
    for (Map.Entry<Setting<?>, String> each : settings().entrySet()) {
      settings = settings.with(each.getKey(), each.getValue(), ORIGIN);
    }
    return Backends.find(settings.with(Setting.DATA_DIR, home.toString(), ORIGIN));
  }

  /** Reads the relations as anyone may. */
  RelationReader reader() {
    return clickHouse.reader();
  }

  @Override
  public void close() {
    simulator.close();
    clickHouse.close();
    brokers.ifPresent(EmbeddedKafkaCluster::close);
    stack.close();
  }
}
