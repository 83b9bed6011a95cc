package io.flowmeter.streams.writer;

import static io.flowmeter.streams.writer.WriterStage.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever ClickHouse does: rows wait, nothing is lost, doubled, or taken for a dead letter. */
class BrokenClickHouseIT {
  private static final int ROWS = 3_000;

  @TempDir static Path data;

  private static WriterStage stage;

  private ClickHouseWriter writer;

  @BeforeAll
  static void start() {
    stage = new WriterStage(data);
  }

  @AfterAll
  static void stop() {
    stage.close();
  }

  @AfterEach
  void nothingWasTakenForADeadLetter() throws Exception {
    writer.close();
    assertThat(stage.letters()).isZero();
  }

  @Test
  void awayWhenTheWriterStartsItIsWaitedFor() {
    stage.killServer();
    writer = stage.write();
    awaitTrouble("flowmeter doctor");
    stage.produce("away", ROWS);
    assertThat(writer.isRunning()).isTrue();
    assertThat(writer.isWriting()).isFalse();

    stage.startServer();

    assertThatItGetsOn("away");
  }

  @Test
  void withoutRowsItIsKnownAsWellThatItCanBeWrittenTo() {
    writer = stage.write();

    await("the writer to write").atMost(PATIENCE).until(writer::isWriting);
  }

  @Test
  void killedInTheMiddleOfAnInsert() {
    stage.network().slow(Duration.ofMillis(20));
    writer = stage.write();
    stage.produce("killed", ROWS);
    await("an insert on its way")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> stage.network().isInserting());
    stage.killServer();
    awaitTrouble("rows wait in Kafka");
    stage.network().slow(Duration.ZERO);

    stage.startServer();

    assertThatItGetsOn("killed");
  }

  @Test
  void itsAnswersLostTimeAndTimeAgain() {
    stage.network().cutResponses(5);
    writer = stage.write();

    stage.produce("cut", ROWS);

    await("five cut answers").atMost(PATIENCE).until(() -> stage.network().responsesCut() == 5);
    assertThatItGetsOn("cut");
  }

  @Test
  void slow() {
    stage.network().slow(Duration.ofMillis(30));
    writer = stage.write();

    stage.produce("slow", ROWS);

    assertThatItGetsOn("slow");
    stage.network().slow(Duration.ZERO);
  }

  @Test
  void itsDiskFull() {
    stage.killServer();
    stage.startFullServer();
    writer = stage.write();
    stage.produce("full", ROWS);
    awaitTrouble("ClickHouse code 243");
    awaitTrouble("free room");

    stage.killServer();
    stage.startServer();

    assertThatItGetsOn("full");
  }

  @Test
  void readOnly() {
    stage.killServer();
    stage.startReadOnlyServer();
    writer = stage.write();
    stage.produce("read-only", ROWS);
    awaitTrouble("takes no writes");

    stage.killServer();
    stage.startServer();

    assertThatItGetsOn("read-only");
  }

  @Test
  void aTableGoneAndBack() throws Exception {
    writer = stage.write();
    await("the writer to write").atMost(PATIENCE).until(writer::isWriting);
    stage.execute("RENAME TABLE step_runs_rows TO step_runs_rows_gone");
    stage.produce("gone", ROWS);
    awaitTrouble("flowmeter rebuild where one was dropped");

    stage.execute("RENAME TABLE step_runs_rows_gone TO step_runs_rows");

    assertThatItGetsOn("gone");
  }

  @Test
  void aColumnOfAnotherTypeThanItHadWhenTheWriterLooked() throws Exception {
    writer = stage.write();
    await("the writer to write").atMost(PATIENCE).until(writer::isWriting);
    stage.execute("ALTER TABLE step_runs_rows MODIFY COLUMN attempts Int64");
    stage.produce("altered", ROWS);

    assertThatItGetsOn("altered");
  }

  private void awaitTrouble(String words) {
    await("trouble of the writer: " + words)
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(writer.progress().failure())
                    .hasValueSatisfying(failure -> assertThat(failure).contains(words)));
  }

  private void assertThatItGetsOn(String workflow) {
    stage.assertThatAllAreThereOnce(workflow, ROWS);
    await("the writer to write").atMost(PATIENCE).until(writer::isWriting);
    await("no consumer lag")
        .atMost(PATIENCE)
        .until(writer::progress, progress -> progress.lag().orElse(1) == 0);
  }
}
