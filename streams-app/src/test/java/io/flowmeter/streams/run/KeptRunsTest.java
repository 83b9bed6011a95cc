package io.flowmeter.streams.run;

import static io.flowmeter.streams.InstanceHistory.attempt;
import static io.flowmeter.streams.InstanceHistory.failed;
import static io.flowmeter.streams.InstanceHistory.of;
import static io.flowmeter.streams.InstanceHistory.running;
import static io.flowmeter.streams.InstanceHistory.step;
import static io.flowmeter.streams.InstanceHistory.succeeded;
import static io.flowmeter.streams.InstanceHistory.unfinished;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.streams.InstanceHistory;
import io.flowmeter.streams.state.UnreadableStateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** State outlives the version that wrote it. */
class KeptRunsTest {
  /** The bytes of every entry of the stores: a line each, of store, key and value. */
  private static final Path GOLDEN = Path.of("src/test/resources/runs-1.txt");

  private static final HexFormat HEX = HexFormat.of();

  private final InstanceHistory lives = InstanceHistory.of("billing", "lives", 0);
  private final InstanceHistory ended = InstanceHistory.of("billing", "ended", 500);
  private final InstanceHistory superseded = InstanceHistory.of("billing", "twice", 700);
  private final InstanceHistory newer = InstanceHistory.of("billing", "twice", 90_000);

  /**
   * A format that was released never changes: another one gets a number and a file of its own, and
   * this file stays. {@code -Dgolden.update=true} is for a format that was not released yet.
   */
  @Test
  void theSameKnowledgeIsWrittenAsTheSameBytes() throws IOException {
    List<String> lines = new ArrayList<>();
    InstanceProcessorDriver driver = story();
    for (String store : List.of("dictionary", "ended", "instances", "live")) {
      for (InstanceProcessorDriver.Entry entry : driver.entries(store)) {
        lines.add(store + ' ' + HEX.formatHex(entry.key()) + ' ' + HEX.formatHex(entry.value()));
      }
    }
    if (Boolean.getBoolean("golden.update")) {
      Files.write(GOLDEN, lines);
    }

    assertThat(lines).isEqualTo(Files.readAllLines(GOLDEN));
  }

  @Test
  void whatWasWrittenIsUnderstood() throws IOException {
    List<RunChanged> changes = story().told();
    InstanceProcessorDriver driver = new InstanceProcessorDriver();
    for (String line : Files.readAllLines(GOLDEN)) {
      String[] parts = line.split(" ");
      driver.keeps(
          parts[0],
          new InstanceProcessorDriver.Entry(HEX.parseHex(parts[1]), HEX.parseHex(parts[2])));
    }

    driver.observe(
        lives.row(500_000, "paused"), ended.row(500_000, "paused"), superseded.row(500_000, "x"));

    List<RunChanged> again = driver.told();
    assertThat(again).hasSize(3);
    for (RunChanged change : again) {
      RunFacts last =
          changes.stream()
              .filter(earlier -> earlier.run().equals(change.run()))
              .reduce((one, other) -> other)
              .orElseThrow()
              .after();
      assertThat(change.before()).hasValue(last);
    }
  }

  @Test
  void aFormatThatIsNotKnownIsAnErrorThatSaysSo() {
    InstanceProcessorDriver driver =
        new InstanceProcessorDriver().observe(lives.row(100, "running"));
    InstanceProcessorDriver.Entry entry = driver.entries("live").get(0);
    entry.value()[0] = 9;
    driver.keeps("live", entry);

    assertThatThrownBy(() -> driver.observe(lives.row(200, "waiting")))
        .isInstanceOf(UnreadableStateException.class)
        .hasMessageContaining("expected a run in state format 1, came format 9")
        .hasMessageContaining("a newer version of Flowmeter wrote it");
  }

  @Test
  void runsOfAnUnknownFormatAreAnErrorThatSaysSo() {
    InstanceProcessorDriver driver =
        new InstanceProcessorDriver().observe(superseded.row(2_000, "running"));
    InstanceProcessorDriver.Entry entry = driver.entries("instances").get(0);
    entry.value()[0] = 9;
    driver.keeps("instances", entry);

    assertThatThrownBy(() -> driver.observe(newer.row(91_000, "queued")))
        .isInstanceOf(UnreadableStateException.class)
        .hasMessageContaining("expected the runs of an instance in state format 1, came format 9")
        .hasMessageContaining("Run that version, or a later one");
  }

  private InstanceProcessorDriver story() {
    return new InstanceProcessorDriver()
        .observe(
            lives.row(
                150,
                InstanceRow.newBuilder()
                    .setStatus("running")
                    .setStartedOn(InstanceHistory.at(40))
                    .setVersionId("v1")
                    .setTriggerSource("cron")
                    .setNotBefore(InstanceHistory.at(-1_000))),
            lives
                .detail(9_000, "waiting")
                .started(40)
                .version("v1")
                .step(succeeded("fetch-1", 50, 900))
                .step(
                    step(
                        "pay-1",
                        1_000,
                        6_000,
                        true,
                        failed(1_000, 1_500, "BankError", "refused"),
                        failed(2_500, 3_000, "BankError", "refused"),
                        attempt(5_000, 5_999, true)))
                .step(of("sleep", "nap", 6_000, null, false))
                .step(running("ship-12", 6_000, unfinished(6_001)))
                .current(3, "step", "ship-12", 6_000, 1)
                .told(),
            ended
                .detail(70_000, "errored")
                .started(600)
                .ended(65_000)
                .version("v2")
                .trigger("binding")
                .weight(7)
                .error("Error", "refused")
                .step(succeeded("fetch-1", 700, 1_900))
                .step(step("pay-1", 2_000, 64_000, false, failed(2_000, 64_000, "E", "refused")))
                .told(),
            superseded.row(2_000, "something new"),
            newer.row(91_000, "queued"),
            newer.vanished(95_000, 99_000));
  }
}
