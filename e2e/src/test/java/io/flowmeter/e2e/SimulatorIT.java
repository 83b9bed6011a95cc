package io.flowmeter.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.e2e.relations.Comparison;
import io.flowmeter.e2e.relations.ExpectedRelations;
import io.flowmeter.e2e.relations.Life;
import io.flowmeter.e2e.relations.Recount;
import io.flowmeter.e2e.relations.Relation;
import io.flowmeter.e2e.relations.RelationReader;
import io.flowmeter.e2e.relations.Row;
import io.flowmeter.e2e.relations.Transitions;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.simulator.ledger.LedgerEntry;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The whole pipeline against an API of production's dialect: pages by cursor, versions, triggers,
 * ids of up to 271 characters that need escaping, restarts under the same id. It follows a moving
 * fleet; then time stands still, and what the relations say must be exactly what the API says.
 */
class SimulatorIT {

  private static final Path DIRECTORY =
      Path.of(System.getProperty("flowmeter.home"), "e2e", "target", "simulator");
  private static final Duration HAPPENS_WITHIN = Duration.ofSeconds(60);
  private static final Duration CATCHES_UP_WITHIN = Duration.ofSeconds(60);
  private static final int SPEED = 3;

  private static final String TOKEN = "token-canary-7d1f4c52a0";
  private static final String ACCOUNT = "feedface0123456789abcdef01234567";
  private static final Set<String> TERMINAL = Set.of("complete", "errored", "terminated");

  /** Stands in each kind of place that is searched, so that the search is known to see. */
  private static final String KNOWN_TO_BE_THERE = "order-fulfilment";

  @BeforeAll
  static void beginWithoutAnything() throws IOException {
    if (Files.exists(DIRECTORY)) {
      try (Stream<Path> files = Files.walk(DIRECTORY)) {
        files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
      }
    }
    Files.createDirectories(DIRECTORY);
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void theRelationsSayExactlyWhatTheApiSays() throws Exception {
    Instant epoch = Instant.now().truncatedTo(ChronoUnit.MINUTES);
    MovableClock clock = new MovableClock(epoch);
    MovableClock pastClock = new MovableClock(epoch);
    SimulatorConfig fleet =
        SimulatorConfig.of(7, epoch)
            .withHistory(250)
            .withRate(5)
            .withAccount(ACCOUNT)
            .withToken(TOKEN)
            .withRateLimit(Optional.empty());
    try (Simulator simulator = Simulator.start(fleet.withClock(clock));
        Simulator past = Simulator.start(fleet.withClock(pastClock))) {
      AccountApi api = new AccountApi(simulator, TOKEN);
      AccountApi pastApi = new AccountApi(past, TOKEN);
      Path data = DIRECTORY.resolve("data");
      Pipeline pipeline =
          Pipeline.start(
              simulator.baseUri(),
              Map.of(
                  "CLOUDFLARE_ACCOUNT_ID",
                  ACCOUNT,
                  "CLOUDFLARE_API_TOKEN",
                  TOKEN,
                  "FLOWMETER_INGEST_REQUEST_LIMIT",
                  "1000000",
                  "FLOWMETER_INGEST_INTERVAL",
                  "250ms"),
              data,
              DIRECTORY.resolve("up.log"));
      Traces traces = new Traces(Simulator.PAYLOAD_CANARY, TOKEN, KNOWN_TO_BE_THERE);
      try {
        clock.run(SPEED);
        awaitAllKindsOfLives(pipeline);
        Instant now = clock.freeze();

        ToldLives lives =
            new ToldLives(
                now,
                simulator.ledger(now),
                (moment, workflow, id) -> {
                  pastClock.set(moment);
                  return (moment.equals(now) ? api : pastApi).detail(workflow, id);
                });
        assertTheApiShowsWhatTheLedgerHolds(api, simulator.ledger(now));
        System.out.println(awaitAgreement(pipeline, api, lives));

        traces.searchTopics(pipeline.kafka());
        traces.searchTables(pipeline.reader());
      } finally {
        pipeline.stop();
      }
      traces.searchFiles(DIRECTORY);
      assertNothingLeaked(traces);
    }
  }

  /** Waits until there is all that is worth comparing, also ends and restarts that were watched. */
  private static void awaitAllKindsOfLives(Pipeline pipeline) {
    await("lives of all kinds")
        .atMost(HAPPENS_WITHIN)
        .pollInterval(Duration.ofMillis(250))
        .untilAsserted(
            () -> {
              RelationReader reader = pipeline.reader();
              assertThat(
                      reader.query(
                          "SELECT DISTINCT end_kind || if(is_newest, '', ' restarted') AS kind"
                              + " FROM instances"))
                  .extracting(row -> row.text("kind"))
                  .contains("", "api", "api restarted", "superseded restarted");
              assertThat(reader.query("SELECT DISTINCT to_status FROM transitions"))
                  .extracting(row -> row.text("to_status"))
                  .contains("queued", "running", "waiting", "paused")
                  .containsAll(TERMINAL);
              assertThat(
                      reader.query("SELECT DISTINCT type || ' ' || outcome AS kind FROM step_runs"))
                  .extracting(row -> row.text("kind"))
                  .contains(
                      "step succeeded",
                      "step failed",
                      "step unfinished",
                      "sleep succeeded",
                      "waitForEvent succeeded",
                      "waitForEvent timed_out",
                      "termination succeeded");
            });
  }

  /** So that the lives of the ledger are the API's instances, and the longest ids among them. */
  private static void assertTheApiShowsWhatTheLedgerHolds(
      AccountApi api, List<LedgerEntry> ledger) {
    for (JsonNode workflow : api.workflows()) {
      String name = workflow.get("name").asText();
      List<String> ids = api.instances(name);
      assertThat(api.detail(name, ids.get(0)).toString()).contains(Simulator.PAYLOAD_CANARY);
      assertThat(ids)
          .containsExactlyInAnyOrderElementsOf(
              ledger.stream()
                  .filter(entry -> entry.newest() && entry.workflow().equals(name))
                  .map(LedgerEntry::instanceId)
                  .toList());
    }
    assertThat(ledger)
        .extracting(LedgerEntry::instanceId)
        .anyMatch(id -> id.length() > 250 && id.contains(" @ ") && id.contains("*/1"));
  }

  /** Waits until nothing is missing, double or wrong, and answers the last line to print. */
  private static String awaitAgreement(Pipeline pipeline, AccountApi api, ToldLives lives) {
    Verdict[] last = new Verdict[1];
    try {
      await()
          .atMost(CATCHES_UP_WITHIN)
          .pollInterval(Duration.ofMillis(500))
          .until(
              () -> {
                last[0] = compare(pipeline.reader(), api, lives);
                return last[0].comparison().isClean();
              });
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(last[0].text() + "\n" + last[0].comparison().differences(), e);
    }
    return last[0].text();
  }

  private record Verdict(Comparison comparison, String text) {}

  private static Verdict compare(RelationReader reader, AccountApi api, ToldLives toldLives) {
    Map<Relation, List<Row>> found = new EnumMap<>(Relation.class);
    for (Relation relation : Relation.values()) {
      found.put(relation, reader.rows(relation));
    }
    List<Life> lives = toldLives.lives(found.get(Relation.INSTANCES));
    Set<List<Object>> cutOff =
        lives.stream()
            .filter(life -> !life.ended() && !life.newest())
            .map(SimulatorIT::key)
            .collect(Collectors.toSet());
    ExpectedRelations expected = ExpectedRelations.of(ACCOUNT, lives);
    Comparison comparison = new Comparison();

    comparison.add(
        Relation.INSTANCES,
        without(cutOff, expected.rows(Relation.INSTANCES)),
        without(cutOff, found.get(Relation.INSTANCES)));
    int compared = 0;
    for (Relation relation :
        List.of(
            Relation.STEP_RUNS,
            Relation.STEP_ATTEMPTS,
            Relation.WORKFLOW_MINUTES,
            Relation.STEP_MINUTES)) {
      List<Row> determined =
          found.get(relation).stream().filter(row -> expected.determines(relation, row)).toList();
      compared += determined.size();
      comparison.add(relation, expected.rows(relation), determined);
    }
    Transitions.check(
        ACCOUNT,
        lives.stream().filter(life -> !cutOff.contains(key(life))).toList(),
        without(cutOff, found.get(Relation.TRANSITIONS)),
        comparison);
    Transitions.checkChains(only(cutOff, found.get(Relation.TRANSITIONS)), comparison);
    checkCutOff(lives, only(cutOff, found.get(Relation.INSTANCES)), comparison);
    comparison.add(
        Relation.STEP_MINUTES,
        reader.query(Recount.STEP_MINUTES),
        found.get(Relation.STEP_MINUTES));
    comparison.add(
        Relation.WORKFLOW_MINUTES,
        reader.query(Recount.WORKFLOW_MINUTES),
        found.get(Relation.WORKFLOW_MINUTES));
    compareTheAccount(api, found, comparison);
    return new Verdict(
        comparison,
        "compared %d runs, %d of them cut off by a restart, %d transitions, %d rows of steps, attempts and minutes of %d: %s"
            .formatted(
                lives.size(),
                cutOff.size(),
                found.get(Relation.TRANSITIONS).size(),
                compared,
                found.get(Relation.STEP_RUNS).size()
                    + found.get(Relation.STEP_ATTEMPTS).size()
                    + found.get(Relation.WORKFLOW_MINUTES).size()
                    + found.get(Relation.STEP_MINUTES).size(),
                comparison.summary()));
  }

  /** Workflows, versions, and how many instances are in which status, by both. */
  private static void compareTheAccount(
      AccountApi api, Map<Relation, List<Row>> found, Comparison comparison) {
    List<Row> workflows = new ArrayList<>();
    List<Row> versions = new ArrayList<>();
    List<Row> counts = new ArrayList<>();
    for (JsonNode workflow : api.workflows()) {
      String name = workflow.get("name").asText();
      workflows.add(ExpectedRelations.workflow(ACCOUNT, workflow));
      api.versions(name)
          .forEach(version -> versions.add(ExpectedRelations.version(ACCOUNT, name, version)));
      workflow
          .get("instances")
          .properties()
          .forEach(
              count ->
                  counts.add(
                      new Row()
                          .with("account_id", ACCOUNT)
                          .with("workflow", name)
                          .with("status", count.getKey())
                          .with("count", count.getValue().asLong())
                          .with("reported", count.getValue().asLong())
                          .with("drift", TERMINAL.contains(count.getKey()) ? null : 0)));
    }
    comparison.add(Relation.WORKFLOWS, workflows, found.get(Relation.WORKFLOWS));
    comparison.add(Relation.VERSIONS, versions, found.get(Relation.VERSIONS));
    comparison.add(Relation.STATUS_COUNTS_NOW, counts, found.get(Relation.STATUS_COUNTS_NOW));
  }

  /** What must hold of a life that a restart cut off, whatever the last poll saw of it. */
  private static void checkCutOff(List<Life> lives, List<Row> rows, Comparison comparison) {
    Map<List<Object>, Life> byKey =
        lives.stream().collect(Collectors.toMap(SimulatorIT::key, life -> life));
    for (Row row : rows) {
      Life life = byKey.get(row.key(Relation.INSTANCES));
      boolean good =
          row.text("end_kind").equals("superseded")
              && !TERMINAL.contains(row.text("status"))
              && row.get("is_newest").equals(false)
              && Set.of(life.queued(), life.run()).contains(row.number("queued_at"))
              && row.get("ended_at").equals(life.end().orElseThrow())
              && (row.get("started_at") == null
                  || row.get("started_at").equals(life.start().orElseThrow()))
              && row.number("weight") == 0
              && row.number("reopened") == 0;
      if (!good) {
        comparison.wrong("instances, cut off: expected " + life + ", found " + row);
      }
    }
  }

  private static void assertNothingLeaked(Traces traces) {
    assertThat(traces.found())
        .as("the search sees")
        .contains(
            "topic flowmeter.observations holds " + KNOWN_TO_BE_THERE,
            "topic flowmeter.instances holds " + KNOWN_TO_BE_THERE,
            "table step_runs holds " + KNOWN_TO_BE_THERE,
            "file data/logs/flowmeter.log holds " + KNOWN_TO_BE_THERE);
    assertThat(traces.found())
        .as("payloads and tokens in what is kept")
        .noneMatch(trace -> trace.endsWith(Simulator.PAYLOAD_CANARY) || trace.endsWith(TOKEN));
  }

  private static List<Object> key(Life life) {
    return List.of(ACCOUNT, life.workflow(), life.instanceId(), life.run());
  }

  private static List<Row> without(Set<List<Object>> lives, List<Row> rows) {
    return rows.stream().filter(row -> !lives.contains(row.key(Relation.INSTANCES))).toList();
  }

  private static List<Row> only(Set<List<Object>> lives, List<Row> rows) {
    return rows.stream().filter(row -> lives.contains(row.key(Relation.INSTANCES))).toList();
  }
}
