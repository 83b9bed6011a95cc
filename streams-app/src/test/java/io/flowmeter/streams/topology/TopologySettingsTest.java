package io.flowmeter.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TopologySettingsTest {
  /** Kafka deletes a segment when its last record is too old. It is a week long at most. */
  private static final Duration SEGMENT = Duration.ofDays(7);

  @Test
  void anEndedRunIsKnownForAsLongAsKafkaCanTellOfItAgain() {
    Topic.Keeping.For observations = (Topic.Keeping.For) Topics.OBSERVATIONS.keeping();

    assertThat(TopologySettings.DEFAULTS.keepEnded())
        .isGreaterThan(observations.time().plus(SEGMENT));
  }
}
