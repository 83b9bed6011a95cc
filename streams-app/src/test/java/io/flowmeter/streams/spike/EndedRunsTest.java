package io.flowmeter.streams.spike;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.schemas.state.EndedMinute;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EndedRunsTest {
  private static final Instant MINUTE = Instant.parse("2026-11-24T12:00:00Z");

  @Test
  void runsThatEachFailInAGroupOfTheirOwnTakeLittleRoomAndDoNotHideOneThatIsFrequent() {
    EndedRuns ended = new EndedRuns(List.of());
    for (int run = 0; run < 5_000; run++) {
      ended.add(errored("alone-" + run));
      if (run % 20 == 0) {
        ended.add(errored("frequent"));
      }
    }

    EndedMinute minute = ended.minutes().get(0);
    assertThat(minute.getErrored()).isEqualTo(5_250);
    assertThat(minute.getGroups()).hasSizeLessThanOrEqualTo(64);
    assertThat(ended.groups(MINUTE, MINUTE, Map.of()).get(0)).isEqualTo("frequent");
  }

  private static EndedMinute errored(String group) {
    return new EndedMinute(MINUTE, "v1", 1L, 1L, Map.of(group, 1L));
  }
}
