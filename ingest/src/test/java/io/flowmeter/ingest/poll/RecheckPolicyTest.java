package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.observe.InstanceRuns;
import io.flowmeter.ingest.observe.TrackedInstance;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class RecheckPolicyTest {
  private static final Instant T0 = Instant.parse("2026-11-24T12:00:00Z");
  private static final Duration SWEEP = Duration.ofSeconds(2);

  private static final RecheckPolicy LOCAL =
      new RecheckPolicy(
          SWEEP, Duration.ofSeconds(30), true, Duration.ofMinutes(1), Duration.ofDays(1));

  private static TrackedInstance memory(String status, Optional<Instant> lookedAt) {
    Optional<Instant> end = status.equals("running") ? Optional.empty() : Optional.of(T0);
    return new TrackedInstance(
        InstanceRuns.NONE.startedBy(T0),
        status,
        1,
        1,
        Optional.of(T0),
        Optional.of(T0),
        Optional.empty(),
        true,
        end,
        List.of(),
        Optional.empty(),
        false,
        lookedAt,
        Optional.of(T0),
        OptionalLong.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** When sweeps of two seconds look at it, in seconds since it changed or ended. */
  private static List<Long> looks(RecheckPolicy rechecks, String status, Duration during) {
    List<Long> taken = new ArrayList<>();
    Instant looked = T0;
    for (Instant now = T0.plus(SWEEP); now.isBefore(T0.plus(during)); now = now.plus(SWEEP)) {
      if (rechecks.due(memory(status, Optional.of(looked)), now)) {
        taken.add(Duration.between(T0, now).toSeconds());
        looked = now;
      }
    }
    return taken;
  }

  @Test
  void aLiveOneIsLookedAtAfterAsLongAsItWasStill() {
    assertThat(looks(LOCAL, "running", Duration.ofMinutes(3)))
        .containsExactly(2L, 4L, 8L, 16L, 32L, 62L, 92L, 122L, 152L);
  }

  @Test
  void anEndedOneIsLookedAtEverySweepOfTheFirstMinuteThenAtDoublingAges() {
    List<Long> taken = looks(LOCAL, "errored", Duration.ofHours(2));
    assertThat(taken.subList(0, 29)).doesNotHaveDuplicates().last().isEqualTo(58L);
    assertThat(taken.subList(29, taken.size()))
        .containsExactly(116L, 232L, 464L, 928L, 1_856L, 3_712L);
  }

  @Test
  void anEndedOneIsLookedAtAfterARestartButNotPastRetention() {
    TrackedInstance unlooked = memory("errored", Optional.empty());
    assertThat(LOCAL.due(unlooked, T0.plus(Duration.ofHours(3)))).isTrue();
    assertThat(LOCAL.due(unlooked, T0.plus(Duration.ofHours(25)))).isFalse();
  }

  @Test
  void whereRowsTellModificationsEndedOnesAreLeftAlone() {
    RecheckPolicy production =
        new RecheckPolicy(
            Duration.ofMinutes(1),
            Duration.ofMinutes(15),
            false,
            Duration.ofMinutes(1),
            Duration.ofDays(31));
    assertThat(looks(production, "errored", Duration.ofHours(2))).isEmpty();
    assertThat(looks(production, "running", Duration.ofHours(1))).startsWith(60L, 120L, 240L);
  }
}
