package io.flowmeter.streams.rebuild;

import static io.flowmeter.streams.InstanceHistory.failed;
import static io.flowmeter.streams.InstanceHistory.running;
import static io.flowmeter.streams.InstanceHistory.step;
import static io.flowmeter.streams.InstanceHistory.succeeded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.sql.RebuiltTables.Difference;
import io.flowmeter.streams.InstanceHistory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Rebuilds on a real broker, registry and ClickHouse; one story in order. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RebuildIT {
  private static final long MINUTE = 60_000;

  @TempDir static Path data;

  private static final InstanceHistory ENDED = InstanceHistory.of("billing", "ended", 0);
  private static final InstanceHistory ERRORED = InstanceHistory.of("billing", "errored", 1_000);
  private static final InstanceHistory LIVE = InstanceHistory.of("billing", "live", 2_000);
  private static final InstanceHistory FIRST_LIFE =
      InstanceHistory.of("billing", "restarted", 3_000);
  private static final InstanceHistory SECOND_LIFE =
      InstanceHistory.of("billing", "restarted", 70 * MINUTE);

  private static Pipeline pipeline;
  private static Map<String, List<String>> before;

  @BeforeAll
  static void observeTheFirstHour() throws SQLException {
    pipeline = new Pipeline(data);
    pipeline.start();
    pipeline.observe(
        ENDED.row(500, "running"),
        ENDED
            .detail(5_000, "complete")
            .started(100)
            .ended(4_000)
            .version("v1")
            .step(succeeded("prepare-1", 200, 1_000))
            .step(succeeded("post-1", 1_100, 3_900))
            .told(),
        ERRORED
            .detail(20_000, "errored")
            .started(1_000)
            .ended(1_693)
            .version("v1")
            .step(succeeded("prepare-1", 1_003, 1_008))
            .step(
                step(
                    "post-1",
                    1_012,
                    1_691,
                    false,
                    failed(1_012, 1_051, "RangeError", "balance of 17 < 0"),
                    failed(1_254, 1_271, "RangeError", "balance of 17 < 0"),
                    failed(1_674, 1_691, "RangeError", "balance of 17 < 0")))
            .told(),
        LIVE.row(3_000, "running"),
        LIVE.detail(4_000, "running")
            .started(2_500)
            .version("v1")
            .step(succeeded("prepare-1", 2_600, 2_900))
            .step(running("post-1", 3_000))
            .told(),
        FIRST_LIFE.row(4_000, "running"));
    pipeline.sweep("billing", 30_000, 1);
    pipeline.stop();
    before = pipeline.relations();
    assertThat(before).allSatisfy(RebuildIT::isNotEmpty);
  }

  private static void isNotEmpty(String relation, List<String> rows) {
    // What ingest or stream tell by themselves, and what takes more errors than one.
    if (!List.of("workflows", "versions", "collector_minutes", "stream_minutes", "error_spikes")
        .contains(relation)) {
      assertThat(rows).as(relation).isNotEmpty();
    }
  }

  @AfterAll
  static void stop() {
    pipeline.close();
  }

  @Test
  @Order(1)
  void whatWasSpoiltOrDroppedIsDerivedAnew() throws Exception {
    pipeline.execute(
        "ALTER TABLE instances_rows UPDATE run_ms = 7 WHERE instance_id = 'ended' SETTINGS mutations_sync = 2",
        "ALTER TABLE transitions_rows DELETE WHERE instance_id = 'errored' SETTINGS mutations_sync = 2",
        "TRUNCATE TABLE step_minutes_rows",
        "INSERT INTO workflow_minutes_rows SELECT * REPLACE (part + 1 AS part) FROM workflow_minutes_rows",
        "DROP TABLE step_runs_rows SYNC",
        "DROP TABLE status_counts_rows SYNC");
    List<String> output = new ArrayList<>();

    RebuildResult result = pipeline.rebuild(pipeline.rebuilding(), output).orElseThrow();

    assertThat(pipeline.relations()).isEqualTo(before);
    assertThat(output)
        .containsExactly(
            "Made anew, empty: step_runs_rows, status_counts_rows. What they held of before the"
                + " boundary is lost, but for minutes that facts tell",
            "Boundary none: no observation was ever deleted, all runs are derived anew");
    assertThat(result.boundary()).isEmpty();
    assertThat(result.derived()).isEqualTo(4);
    assertThat(result.differences())
        .extracting(Difference::relation, Difference::added, Difference::changed, Difference::gone)
        .contains(
            tuple("instances", 0L, 1L, 0L),
            tuple("transitions", 3L, 0L, 0L),
            tuple("step_runs", (long) before.get("step_runs").size(), 0L, 0L));
  }

  @Test
  @Order(2)
  void whatWasDerivedAnewIsWhatWouldBeDerivedOnceMore() throws Exception {
    RebuildResult result =
        pipeline.rebuild(pipeline.rebuilding().comparing(), new ArrayList<>()).orElseThrow();

    assertThat(pipeline.relations()).isEqualTo(before);
    assertThat(result.swapped()).isFalse();
    assertThat(result.differences())
        .allSatisfy(
            difference ->
                assertThat(difference.added() + difference.changed() + difference.gone())
                    .as(difference.toString())
                    .isZero());
    assertThat(Generations.current(pipeline.kafka())).isEqualTo(1);
    assertThat(pipeline.log().topics())
        .noneMatch(topic -> topic.startsWith(Topic.SCRATCH_PREFIX))
        .noneMatch(topic -> topic.startsWith("flowmeter-streams-runs"))
        .noneMatch(topic -> topic.startsWith("flowmeter-streams-g2-"));
    assertThat(pipeline.select("SHOW TABLES LIKE '%rebuild%'")).isEmpty();
  }

  @Test
  @Order(3)
  void countingGoesOnAfterIt() throws Exception {
    pipeline.start();
    // Restarted from its second step: what it put in is taken back exactly.
    pipeline.observe(
        ERRORED.row(40_000, "running"),
        ERRORED
            .detail(50_000, "complete")
            .started(1_000)
            .ended(45_000)
            .version("v1")
            .step(succeeded("prepare-1", 1_003, 1_008))
            .step(succeeded("post-1", 41_000, 44_000))
            .told());
    pipeline.sweep("billing", 55_000, 2);
    pipeline.stop();

    assertThat(
            pipeline.select(
                "SELECT sum(queued), sum(started), sum(completed), sum(errored), sum(attempts), sum(lost_ms)"
                    + " FROM workflow_minutes"))
        .containsExactly("4|3|2|0|4|0");
    assertThat(
            pipeline.select(
                "SELECT step, sum(runs), sum(failed), sum(wall_ms_sum) FROM step_minutes GROUP BY step ORDER BY step"))
        .containsExactly("post|2|0|5800", "prepare|3|0|1105");
    assertThat(pipeline.select("SELECT reopened FROM instances WHERE instance_id = 'errored'"))
        .containsExactly("1");
    assertThat(
            pipeline.select(
                "SELECT status, count FROM status_counts_now WHERE count != 0 ORDER BY status"))
        .containsExactly("complete|2", "running|2");
  }

  @Test
  @Order(4)
  void runsWhoseObservationsAreGoneAreCarriedOver() throws Exception {
    pipeline.forgetObservations();
    pipeline.start();
    pipeline.sweep("billing", 60 * MINUTE, 3);
    InstanceHistory recent = InstanceHistory.of("billing", "recent", 71 * MINUTE);
    pipeline.observe(
        // Of the first hour, observed further on.
        LIVE.row(68 * MINUTE, "waiting"),
        LIVE.detail(72 * MINUTE, "waiting")
            .started(2_500)
            .version("v1")
            .step(succeeded("prepare-1", 2_600, 2_900))
            .step(succeeded("post-1", 3_000, 71 * MINUTE))
            .step(InstanceHistory.of("waitForEvent", "approval", 71 * MINUTE + 10, null, false))
            .told(),
        SECOND_LIFE.row(70 * MINUTE + 500, "running"),
        SECOND_LIFE
            .detail(73 * MINUTE, "complete")
            .started(70 * MINUTE)
            .ended(71 * MINUTE + 30_000)
            .version("v2")
            .step(succeeded("post-1", 70 * MINUTE + 10, 71 * MINUTE + 20_000))
            .told(),
        recent
            .detail(73 * MINUTE, "complete")
            .started(71 * MINUTE)
            .ended(71 * MINUTE + 900)
            .version("v2")
            .step(succeeded("post-1", 71 * MINUTE + 10, 71 * MINUTE + 800))
            .told());
    pipeline.sweep("billing", 74 * MINUTE, 4);
    pipeline.stop();
    before = pipeline.relations();
    pipeline.execute(
        "ALTER TABLE instances_rows UPDATE run_ms = 7 WHERE instance_id = 'recent' SETTINGS mutations_sync = 2",
        "ALTER TABLE step_runs_rows DELETE WHERE run = "
            + SECOND_LIFE.run()
            + " SETTINGS mutations_sync = 2",
        "ALTER TABLE step_minutes_rows DELETE WHERE minute >= '2026-11-24 13:00:00' SETTINGS mutations_sync = 2");
    List<String> output = new ArrayList<>();

    RebuildResult result = pipeline.rebuild(pipeline.rebuilding(), output).orElseThrow();

    assertThat(pipeline.relations()).isEqualTo(before);
    assertThat(output)
        .containsExactly(
            "Boundary 2026-11-24T13:05:00Z: runs named from then on are derived anew, those before are carried over");
    assertThat(result.boundary())
        .isEqualTo(Optional.of(InstanceHistory.at(65 * MINUTE).toEpochMilli()));
    assertThat(result.derived()).isEqualTo(2);
    assertThat(result.carried()).isEqualTo(4);
  }

  @Test
  @Order(5)
  void whatWasCarriedOverGoesOnAndIsTakenBackExactly() throws Exception {
    pipeline.start();
    pipeline.observe(
        LIVE.detail(75 * MINUTE, "complete")
            .started(2_500)
            .ended(74 * MINUTE)
            .version("v1")
            .step(succeeded("prepare-1", 2_600, 2_900))
            .step(succeeded("post-1", 3_000, 71 * MINUTE))
            .step(
                InstanceHistory.of("waitForEvent", "approval", 71 * MINUTE + 10, 73 * MINUTE, true))
            .told(),
        ENDED.row(75 * MINUTE, "running"),
        ENDED
            .detail(76 * MINUTE, "complete")
            .started(100)
            .ended(75 * MINUTE + 1_000)
            .version("v1")
            .step(succeeded("prepare-1", 200, 1_000))
            .step(succeeded("post-1", 75 * MINUTE + 10, 75 * MINUTE + 900))
            .told());
    pipeline.sweep("billing", 77 * MINUTE, 5);
    pipeline.stop();

    assertThat(
            pipeline.select(
                "SELECT toString(minute), sum(queued), sum(started), sum(completed), sum(attempts)"
                    + " FROM workflow_minutes GROUP BY minute ORDER BY minute"))
        .containsExactly(
            "2026-11-24 12:00:00|4|3|1|2",
            "2026-11-24 13:10:00|1|1|0|0",
            "2026-11-24 13:11:00|1|1|2|2",
            "2026-11-24 13:14:00|0|0|1|2",
            "2026-11-24 13:15:00|0|0|1|2");
    assertThat(
            pipeline.select(
                "SELECT type, sum(runs), sum(succeeded), sum(wall_ms_sum) FROM step_minutes GROUP BY type ORDER BY type"))
        .isEqualTo(
            pipeline.select(
                "SELECT type, count(), countIf(outcome = 'succeeded'), sum(wall_ms) FROM step_runs GROUP BY type ORDER BY type"));
    assertThat(
            pipeline.select(
                "SELECT status, count FROM status_counts_now WHERE count != 0 ORDER BY status"))
        .containsExactly("complete|5");
  }

  @Test
  @Order(6)
  void whileSomebodyStreamsItIsRefused() throws Exception {
    pipeline.start();
    List<String> output = new ArrayList<>();

    assertThatThrownBy(
            () -> pipeline.rebuild(pipeline.rebuilding().leftWithin(Duration.ZERO), output))
        .isInstanceOf(RebuildException.class)
        .hasMessageContaining("expected nobody to stream, but the group flowmeter-streams-g2 has")
        .hasMessageContaining("stop flowmeter stream and up everywhere");
    assertThat(output).isEmpty();
    pipeline.stop();
  }

  @Test
  @Order(7)
  void whatWasInterruptedInTheSwapIsFinishedByTheNext() throws Exception {
    before = pipeline.relations();
    pipeline.execute("TRUNCATE TABLE step_minutes_rows");
    RebuildListener failing =
        new RebuildListener() {
          @Override
          public void onProgress(String line) {}

          @Override
          public void working(String what, long done, long all) {
            if (what.equals("taking its place")) {
              throw new IllegalStateException("the process ends here");
            }
          }
        };
    assertThatThrownBy(() -> pipeline.rebuild(pipeline.rebuilding(), failing))
        .hasMessage("the process ends here");
    assertThatThrownBy(() -> Generations.current(pipeline.kafka()))
        .isInstanceOf(RebuildException.class)
        .hasMessageContaining("run flowmeter rebuild, which finishes that");

    assertThat(pipeline.rebuild(pipeline.rebuilding(), new ArrayList<>())).isEmpty();

    assertThat(Generations.current(pipeline.kafka())).isEqualTo(3);
    assertThat(pipeline.relations()).isEqualTo(before);
    assertThat(pipeline.select("SHOW TABLES LIKE '%rebuild%'")).isEmpty();
  }

  @Test
  @Order(8)
  void whatMinutesAreRecountedFromIsNotTakenForEmptyWhereItWasDropped() throws Exception {
    pipeline.execute("RENAME TABLE step_runs_rows TO kept");

    assertThatThrownBy(() -> pipeline.rebuild(pipeline.rebuilding(), new ArrayList<>()))
        .isInstanceOf(RebuildException.class)
        .hasMessageContaining("expected the table step_runs_rows")
        .hasMessageContaining("before 2026-11-24T13:05:00Z are gone")
        .hasMessageContaining("--without-dropped");

    RebuildSettings goesOn = pipeline.rebuilding().withoutDropped();
    assertThatThrownBy(() -> pipeline.rebuild(goesOn.comparing(), new ArrayList<>()))
        .isInstanceOf(RebuildException.class);

    assertThat(pipeline.select("SHOW TABLES LIKE 'step_runs_rows'")).isEmpty();
    List<String> output = new ArrayList<>();
    assertThat(pipeline.rebuild(goesOn, output)).isPresent();
    assertThat(output).first().asString().startsWith("Made anew, empty: step_runs_rows.");
    assertThat(pipeline.select("SELECT count() > 0 FROM step_runs")).containsExactly("1");
    pipeline.execute("DROP TABLE kept SYNC");
  }

  @Test
  @Order(9)
  void whatCannotBeProcessedIsAReasonToRefuse() throws Exception {
    pipeline.start();
    pipeline.send(0, "k", pipeline.clock().millis(), "not avro".getBytes(StandardCharsets.UTF_8));
    pipeline.stop();

    assertThatThrownBy(() -> pipeline.rebuild(pipeline.rebuilding(), new ArrayList<>()))
        .isInstanceOf(RebuildException.class)
        .hasMessageContaining("1 of them could not be")
        .hasMessageContaining(Topics.DEAD_LETTERS);
  }

  @Test
  @Order(10)
  void whereObservationsAreGoneTheStateOfBeforeIsNeeded() {
    pipeline.log().deleteGroups(List.of("flowmeter-streams-g4"));

    assertThatThrownBy(() -> pipeline.rebuild(pipeline.rebuilding(), new ArrayList<>()))
        .isInstanceOf(RebuildException.class)
        .hasMessageContaining(
            "expected the topology's state, for observations before 2026-11-24T13:05:00Z are gone")
        .hasMessageContaining("its group's offsets are not in Kafka");
  }
}
