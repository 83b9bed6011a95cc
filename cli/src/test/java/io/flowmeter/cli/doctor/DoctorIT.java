package io.flowmeter.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flowmeter.cli.doctor.Clinic.Mending;
import io.flowmeter.cli.doctor.Finding.Verdict;
import io.flowmeter.cli.migrate.BackendMigration;
import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topics;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.simulator.fault.InjectedFault;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each fault is made on real parts, found, and made well again. */
class DoctorIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** These take a minute each to make or to find, so that the nightly lane tries them. */
  private static final Set<String> SLOW =
      Set.of(
          "a broker that is away",
          "a broker's TLS port",
          "a topic that was deleted",
          "partitions that do not agree",
          "rows that nobody writes",
          "sums that fail",
          "an API that is silent");

  @TempDir static Path temp;
  private static Clinic clinic;

  @BeforeAll
  static void open() throws Exception {
    clinic = Clinic.open(temp);
  }

  @AfterAll
  static void close() {
    clinic.close();
  }

  /** How something is made ill, and how well again. */
  interface Making {
    Mending make(Clinic clinic) throws Exception;
  }

  /**
   * A fault.
   *
   * @param found what is to be told, what to do included
   */
  record Ailment(
      String name, Function<Diagnostics, List<Finding>> room, Making making, List<String> found) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Ailment of(
      String name, Function<Diagnostics, List<Finding>> room, Making making, String... found) {
    return new Ailment(name, room, making, List.of(found));
  }

  static Stream<Ailment> faults() {
    return all().filter(each -> !SLOW.contains(each.name()));
  }

  static Stream<Ailment> slowFaults() {
    return all().filter(each -> SLOW.contains(each.name()));
  }

  private static Stream<Ailment> all() {
    return Stream.of(kafka(), registry(), clickHouse(), source(), here())
        .flatMap(Function.identity());
  }

  private static Stream<Ailment> kafka() {
    Function<Diagnostics, List<Finding>> room = Diagnostics::kafka;
    return Stream.of(
        of(
            "a broker that is away",
            room,
            each -> each.set("FLOWMETER_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1"),
            "expected Kafka at 127.0.0.1:1, but: nothing listens there",
            "Start the broker, or correct kafka.bootstrap.servers"),
        of(
            "a broker's TLS port",
            room,
            each -> {
              TlsListener listener = TlsListener.start(each.temp());
              each.set("FLOWMETER_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:" + listener.port());
              return listener::close;
            },
            "it speaks TLS, and kafka.security.protocol is PLAINTEXT",
            "Set SSL, or SASL_SSL where it wants a login"),
        of(
            "a topic that was deleted",
            room,
            each -> {
              try (Admin admin = each.admin()) {
                admin.deleteTopics(List.of(Topics.TRANSITIONS.name())).all().get();
              }
              return () -> BackendMigration.topicsAndSchemas(each.parts());
            },
            "missing: flowmeter.transitions",
            "Run flowmeter migrate"),
        of(
            "a topic that forgets too soon",
            room,
            each -> configure(each, Topics.OBSERVATIONS.name(), "retention.ms", "1000"),
            "expected retention.ms = 3024000000, came 1000",
            "a rebuild reaches back less",
            "kafka-configs --alter --topic flowmeter.observations"),
        of(
            "a topic that is not compacted",
            room,
            each -> configure(each, Topics.CHECKPOINTS.name(), "cleanup.policy", "delete"),
            "expected cleanup.policy = compact, came delete",
            "what is remembered is thrown away"),
        of(
            "other partitions than told",
            room,
            each -> each.set("FLOWMETER_TOPICS_PARTITIONS", "9"),
            "topics.partitions is 9, but the topics were made with 4",
            "Set topics.partitions to 4"),
        of(
            "partitions that do not agree",
            room,
            each -> {
              String name = Topics.TRANSITIONS.name();
              try (Admin admin = each.admin()) {
                admin.createPartitions(Map.of(name, NewPartitions.increaseTo(5))).all().get();
              }
              return () -> {
                try (Admin admin = each.admin()) {
                  admin.deleteTopics(List.of(name)).all().get();
                }
                BackendMigration.topicsAndSchemas(each.parts());
              };
            },
            "flowmeter.observations has 4, but flowmeter.transitions has 5",
            "flowmeter rebuild"),
        of(
            "an account that nobody polls any more",
            room,
            DoctorIT::pollAndLeave,
            "no process polls it",
            "Start flowmeter ingest or up"),
        of(
            "rows that nobody writes",
            room,
            each -> produce(each, Topics.INSTANCES.name(), 3),
            "nobody writes to ClickHouse, and 3 records wait",
            "Start flowmeter stream or up"),
        of(
            "dead letters",
            room,
            each -> produce(each, Topics.DEAD_LETTERS, 2),
            "2 wait at most",
            "run flowmeter replay"));
  }

  private static Stream<Ailment> registry() {
    Function<Diagnostics, List<Finding>> room = Diagnostics::registry;
    return Stream.of(
        of(
            "a registry that is away",
            room,
            each -> each.set("FLOWMETER_REGISTRY_URL", "http://127.0.0.1:1"),
            "Set registry.url"),
        of(
            "a schema that is missing",
            room,
            each -> {
              URI subject =
                  URI.create(
                      each.stack().registry().url() + "/subjects/" + Topics.VERSIONS.subject());
              HttpClient.newHttpClient()
                  .send(
                      HttpRequest.newBuilder(subject).DELETE().build(), BodyHandlers.discarding());
              return () -> BackendMigration.topicsAndSchemas(each.parts());
            },
            "flowmeter.versions-value",
            "Run flowmeter migrate"),
        of(
            "a subject that takes any schema",
            room,
            each -> {
              try (SchemaRegistry registry = each.parts().registry()) {
                registry.setCompatibility(Topics.INSTANCES.subject(), "NONE");
              }
              return () -> BackendMigration.topicsAndSchemas(each.parts());
            },
            "flowmeter.instances-value (it is NONE, not FULL_TRANSITIVE)",
            "Run flowmeter migrate"));
  }

  private static Stream<Ailment> clickHouse() {
    Function<Diagnostics, List<Finding>> room = Diagnostics::clickHouse;
    return Stream.of(
        of(
            "a ClickHouse that is away",
            room,
            each -> each.set("FLOWMETER_CLICKHOUSE_URL", "http://127.0.0.1:1"),
            "Check clickhouse.url"),
        of(
            "a wrong password",
            room,
            each -> each.set("FLOWMETER_CLICKHOUSE_PASSWORD", "wrong"),
            "Check clickhouse.url, the user and the password"),
        of(
            "a writer that may only read",
            room,
            each -> {
              each.set("FLOWMETER_CLICKHOUSE_USER", "flowmeter_reader");
              return each.set("FLOWMETER_CLICKHOUSE_PASSWORD", "reader-secret");
            },
            "flowmeter_reader may only read"),
        of(
            "a table that was dropped",
            room,
            each -> {
              each.sql("DETACH TABLE flowmeter.step_runs_rows");
              return () -> each.sql("ATTACH TABLE flowmeter.step_runs_rows");
            },
            "a table that it stands on was dropped",
            "flowmeter rebuild"),
        of(
            "sums that are stopped",
            room,
            each -> {
              each.sql("SYSTEM STOP VIEW flowmeter.step_hours_summed");
              return () -> each.sql("SYSTEM START VIEW flowmeter.step_hours_summed");
            },
            "step_hours_summed is not refreshed",
            "SYSTEM START VIEW flowmeter.step_hours_summed"),
        of(
            "sums that fail",
            room,
            each -> {
              each.sql("DETACH TABLE flowmeter.workflow_hours_rows");
              each.sql("SYSTEM REFRESH VIEW flowmeter.workflow_hours_summed");
              await("the message that a result cannot be refreshed")
                  .atMost(PATIENCE)
                  .until(
                      () ->
                          each.examine(room).stream()
                              .anyMatch(found -> found.text().contains("cannot be refreshed")));
              return () -> {
                each.sql("ATTACH TABLE flowmeter.workflow_hours_rows");
                each.sql("SYSTEM REFRESH VIEW flowmeter.workflow_hours_summed");
                each.sql("SYSTEM WAIT VIEW flowmeter.workflow_hours_summed");
              };
            },
            "workflow_hours_summed cannot be refreshed"),
        of(
            "runs that the API removed before they were fetched",
            room,
            each -> {
              each.sql(
                  "INSERT INTO flowmeter.collector_minutes_rows (account_id, minute, process, known,"
                      + " lost_vanished) VALUES ('a', now(), 'p', 100, 3)");
              return () -> each.sql("TRUNCATE TABLE flowmeter.collector_minutes_rows");
            },
            "of 100 ended runs of the last day 0 were restarted and 3 vanished",
            "They are lost for good"),
        of(
            "a clock that is 10 minutes slow",
            room,
            each -> each.set("FLOWMETER_CLOCK", clockSlowByTenMinutes()),
            "s ahead of this machine's",
            "NTP"));
  }

  private static Stream<Ailment> source() {
    Function<Diagnostics, List<Finding>> room = Diagnostics::source;
    return Stream.of(
        of(
            "a wrong token",
            room,
            each -> each.set("CLOUDFLARE_API_TOKEN", "another-0123456789"),
            "the API does not let the token in",
            "may read Workers Scripts"),
        of(
            "an unknown account",
            room,
            each -> each.set("CLOUDFLARE_ACCOUNT_ID", "ffffffffffffffffffffffffffffffff"),
            "knows no account ffffffffffffffffffffffffffffffff",
            "CLOUDFLARE_ACCOUNT_ID"),
        answering(
            "a lock-out by another tool",
            InjectedFault.tooManyRequests(Duration.ofMinutes(5)),
            "blocks all tools of the token's user until about",
            "another tool uses more than its part"),
        answering(
            "an API that fails",
            InjectedFault.serverError(502),
            "HTTP 502",
            "cloudflarestatus.com"),
        answering(
            "an API that is silent",
            InjectedFault.hang(),
            "expected a whole response within 5000 ms"),
        answering(
            "a redirect",
            InjectedFault.redirect(URI.create("https://x.example/")),
            "never followed"),
        answering("a login page", InjectedFault.html(), "no proxy or login page stands before it"),
        of(
            "an API whose clock is 10 minutes fast",
            room,
            each -> each.set("FLOWMETER_CLOCK", clockSlowByTenMinutes()),
            "s ahead of this machine's"),
        of(
            "an API whose clock is 10 minutes slow",
            room,
            each -> {
              Simulator slow =
                  Simulator.start(
                      SimulatorConfig.of(1, Clock.system().instant())
                          .withToken(Clinic.TOKEN)
                          .withClock(() -> Clock.system().instant().minus(Duration.ofMinutes(10))));
              each.set("FLOWMETER_SOURCE_URL", slow.baseUri().toString());
              return slow::close;
            },
            "s behind this machine's"));
  }

  private static Stream<Ailment> here() {
    return Stream.of(
        of(
            "a state directory that is none",
            diagnostics -> List.of(diagnostics.stateDirectory()),
            each -> {
              Path file = Files.writeString(each.temp().resolve("file"), "");
              each.set("FLOWMETER_STREAM_STATE_DIR", file.toString());
              return () -> Files.delete(file);
            },
            "is no directory",
            "set stream.state.dir"));
  }

  private static Ailment answering(String name, InjectedFault fault, String... found) {
    return of(
        name,
        Diagnostics::source,
        each -> {
          each.simulator().faults().every(any -> true, fault);
          return each.simulator().faults()::clear;
        },
        found);
  }

  private static String clockSlowByTenMinutes() {
    Instant now = Clock.system().instant();
    return "%s@%s*1.0".formatted(now.minus(Duration.ofMinutes(10)), now);
  }

  private static Mending configure(Clinic each, String topic, String key, String value)
      throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try (Admin admin = each.admin()) {
      String before =
          admin.describeConfigs(Set.of(resource)).all().get().get(resource).get(key).value();
      alter(admin, resource, key, value);
      return () -> {
        try (Admin again = each.admin()) {
          alter(again, resource, key, before);
        }
      };
    }
  }

  private static void alter(Admin admin, ConfigResource resource, String key, String value)
      throws Exception {
    admin
        .incrementalAlterConfigs(
            Map.of(
                resource,
                List.of(new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET))))
        .all()
        .get();
  }

  private static Mending pollAndLeave(Clinic each) throws Exception {
    String group = "flowmeter-ingest-" + each.simulator().account();
    Map<String, Object> config =
        Map.of("bootstrap.servers", each.stack().kafka().bootstrapServers(), "group.id", group);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(Topics.LEAD));
      await("the assignment of partitions")
          .atMost(PATIENCE)
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(100));
                return !consumer.assignment().isEmpty();
              });
    }
    return () -> {
      try (Admin admin = each.admin()) {
        admin.deleteConsumerGroups(List.of(group)).all().get();
      }
    };
  }

  private static Mending produce(Clinic each, String topic, int records) throws Exception {
    TopicPartition partition = new TopicPartition(topic, 0);
    long end;
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", each.stack().kafka().bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      long last = -1;
      for (int i = 0; i < records; i++) {
        last =
            producer
                .send(new ProducerRecord<>(topic, 0, new byte[] {1}, new byte[] {1}))
                .get()
                .offset();
      }
      end = last + 1;
    }
    return () -> {
      try (Admin admin = each.admin()) {
        admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(end))).all().get();
        if (!topic.equals(Topics.DEAD_LETTERS)) {
          admin.deleteTopics(List.of(topic)).all().get();
        }
      }
      BackendMigration.topicsAndSchemas(each.parts());
    };
  }

  @ParameterizedTest
  @MethodSource("faults")
  void itIsFoundWithWhatToDo(Ailment ailment) throws Exception {
    Mending mending = ailment.making().make(clinic);
    try {
      List<Finding> found = clinic.examine(ailment.room());
      List<String> wrong =
          found.stream()
              .filter(each -> each.verdict() == Verdict.WRONG)
              .map(Finding::text)
              .toList();

      assertThat(wrong)
          .as("%s", found)
          .anySatisfy(text -> assertThat(text).contains(ailment.found()));
    } finally {
      clinic.reset();
      mending.mend();
    }
    assertThat(clinic.examine(ailment.room()))
        .as("after it is mended")
        .noneMatch(each -> each.verdict() == Verdict.WRONG);
  }

  @ParameterizedTest
  @MethodSource("slowFaults")
  @Tag("nightly")
  void itIsFoundWithWhatToDoSlowly(Ailment ailment) throws Exception {
    itIsFoundWithWhatToDo(ailment);
  }

  @Test
  void aDiskThatIsNearlyFullIsFound() {
    Path directory = Path.of("/var/lib/flowmeter");
    assertThat(StateDirectory.of(directory, 1L << 30, 100L << 30).text())
        .isEqualTo(
            "/var/lib/flowmeter has 1.0 GiB free (1 %): nearly full. Make room, or set"
                + " stream.state.dir to a larger disk and start again: stores are read anew from"
                + " Kafka");
    assertThat(StateDirectory.of(directory, 50L << 30, 100L << 30).verdict())
        .isEqualTo(Verdict.FINE);
  }
}
