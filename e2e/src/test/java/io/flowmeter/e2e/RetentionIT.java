package io.flowmeter.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flowmeter.verify.relation.Row;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The whole pipeline is down for longer than the API knows of what ended. It takes more than a
 * minute, which the build has not got: {@code mvn verify -Pnightly} runs it.
 */
@Tag("nightly")
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class RetentionIT {
  private static final Path DIRECTORY =
      Path.of(System.getProperty("flowmeter.home"), "e2e", "target", "retention");
  private static final int INSTANCES = 20_000;

  /** By the clock of all, which runs 60 times as fast as a real one. */
  private static final Duration RETENTION = Duration.ofMinutes(20);

  private static final Duration PATIENCE = Duration.ofSeconds(180);

  /** So many runs are known to live before all stops: most of them sleep for hours. */
  private static final int LIVE = 50;

  /** So many of them end and are removed before it starts again. */
  private static final int GONE = 5;

  @Test
  void whatIsRemovedWhileAllIsDownIsCountedAsLostAndHauntsNothing() throws Exception {
    FreshDirectory.at(DIRECTORY);
    try (LedgerDay day = LedgerDay.begin(DIRECTORY, INSTANCES, RETENTION)) {
      OperatorBackends place = day.place();
      Set<String> live;
      try (Service ingest = place.start("ingest", "ingest");
          Service stream = place.start("stream", "stream")) {
        await("live runs that are known")
            .atMost(PATIENCE)
            .until(() -> live(place).size() >= LIVE && ended(place) > 0);
        assertThat(ingest.stop().code()).as(ingest.said()).isZero();
        live = live(place);
        assertThat(stream.stop().code()).as(stream.said()).isZero();
      }
      awaitRemoval(day, live);
      try (Service ingest = place.start("ingest", "ingest");
          Service stream = place.start("stream", "stream")) {
        ingest.awaitEvent("runs_lost");
        assertThat(day.end(ingest).differences()).isEmpty();

        assertLossesAreTold(place);
        assertThat(ingest.events("runs_lost"))
            .anyMatch(event -> event.path("vanished").asLong() > 0);
        assertThat(stream.stop().code()).as(stream.said()).isZero();
      }
    }
  }

  private static Set<String> live(OperatorBackends place) {
    Set<String> ids = new HashSet<>();
    place
        .reader()
        .query("SELECT instance_id FROM instances WHERE is_newest AND end_kind = ''")
        .forEach(row -> ids.add(row.text("instance_id")));
    return ids;
  }

  private static long ended(OperatorBackends place) {
    return place
        .reader()
        .query("SELECT count() AS runs FROM instances WHERE end_kind = 'api' AND weight > 0")
        .get(0)
        .number("runs");
  }

  private static void awaitRemoval(LedgerDay day, Set<String> live) {
    await("runs that were known to live, and are removed")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(2))
        .until(
            () ->
                day.place().simulator().ledger(day.now()).stream()
                        .filter(entry -> entry.newest() && entry.vanished())
                        .filter(entry -> live.contains(entry.instanceId()))
                        .count()
                    >= GONE);
  }

  /** Of each ended run it is known whether it was fetched, and doctor says what to do. */
  private static void assertLossesAreTold(OperatorBackends place) throws InterruptedException {
    Row losses =
        place
            .reader()
            .query(
                """
                SELECT sum(known) AS known, sum(fetched) AS fetched, sum(lost_vanished) AS vanished,
                  sum(lost_restarted) AS restarted,
                  (SELECT count() FROM instances WHERE end_kind = 'vanished') AS gone
                FROM collector_minutes""")
            .get(0);
    System.out.println("retention: " + losses);
    assertThat(losses.number("gone")).isGreaterThanOrEqualTo(GONE);
    assertThat(losses.number("vanished")).isGreaterThanOrEqualTo(losses.number("gone"));
    assertThat(losses.number("known"))
        .as("coverage")
        .isEqualTo(
            losses.number("fetched") + losses.number("vanished") + losses.number("restarted"));
    try (Service doctor = place.start("doctor", "doctor")) {
      assertThat(doctor.awaitEnd(System.nanoTime()).code()).isNotZero();
      List<String> lines =
          doctor.said().lines().filter(line -> line.contains("before they were fetched")).toList();
      System.out.println("retention: doctor " + lines);
      assertThat(doctor.said())
          .contains(losses.number("vanished") + " vanished before they were fetched")
          .contains("They are lost for good");
    }
  }
}
