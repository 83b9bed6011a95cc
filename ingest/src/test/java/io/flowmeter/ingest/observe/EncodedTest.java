package io.flowmeter.ingest.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.source.Steps;
import org.junit.jupiter.api.Test;

class EncodedTest {
  /** Checkpoints hold them over restarts and upgrades. */
  @Test
  void stepsHeldEncodedHaveTheFingerprintsOfTheirRecords() {
    Steps steps =
        Seen.status("running")
            .step("charge", 0, 30)
            .step("ship", 30, 90)
            .step("thank", 91)
            .detailAt(100)
            .value()
            .steps();
    assertThat(Encoded.fingerprints(steps))
        .containsExactlyElementsOf(
            steps.stream().map(step -> Encoded.of(step).fingerprint()).toList());
    assertThat(steps.bytes(0)).isEqualTo(Encoded.of(steps.get(0)).size());
  }
}
