package io.flowmeter.ingest.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.source.ObservedSteps;
import org.junit.jupiter.api.Test;

class RecordFingerprintTest {
  /** Checkpoints keep fingerprints across restarts and upgrades. */
  @Test
  void encodedStepsHaveFingerprintsOfTheirRecords() {
    ObservedSteps steps =
        Seen.status("running")
            .step("charge", 0, 30)
            .step("ship", 30, 90)
            .step("thank", 91)
            .detailAt(100)
            .value()
            .steps();
    assertThat(RecordFingerprint.fingerprints(steps))
        .containsExactlyElementsOf(
            steps.stream().map(step -> RecordFingerprint.of(step).fingerprint()).toList());
    assertThat(steps.bytes(0)).isEqualTo(RecordFingerprint.of(steps.get(0)).size());
  }
}
