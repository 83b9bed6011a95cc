package io.flowmeter.dev.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.failpoint.Failpoint;
import io.flowmeter.failpoint.Failpoint.Command;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FaultScheduleTest {

  @Test
  void everyFailpointOfTheCommandComesOnceInARound() {
    FaultSchedule strikes = new FaultSchedule(Command.STREAM, 7, 1, false);
    int round = Failpoint.of(Command.STREAM).size();

    assertThat(failpoints(strikes, round))
        .containsExactlyInAnyOrderElementsOf(Failpoint.of(Command.STREAM));
    assertThat(failpoints(strikes, round))
        .containsExactlyInAnyOrderElementsOf(Failpoint.of(Command.STREAM));
  }

  @Test
  void oneSeedGivesOneOrder() {
    assertThat(strikes(7)).isEqualTo(strikes(7)).isNotEqualTo(strikes(8));
  }

  @Test
  void someAreKilledFromOutside() {
    assertThat(strikes(7)).anyMatch(strike -> strike.failpoint().isEmpty());
  }

  @Test
  void whereThatIsWantedSomeArePausedForLongerThanTheyAreMissed() {
    FaultSchedule strikes = new FaultSchedule(Command.STREAM, 7, 1, true);

    assertThat(Stream.generate(strikes::next).limit(50))
        .anyMatch(strike -> strike.pause().compareTo(Duration.ofSeconds(30)) > 0);
    assertThat(strikes(7)).allMatch(strike -> strike.pause().isZero());
  }

  @Test
  void whoIsGivenEaseWorksLongerBeforeItEnds() {
    FaultSchedule strikes = new FaultSchedule(Command.INGEST, 7, 3, false);

    assertThat(Stream.generate(strikes::next).limit(50))
        .filteredOn(strike -> strike.failpoint().isPresent())
        .allMatch(strike -> strike.works().equals(Duration.ofSeconds(20)));
    assertThat(strikes(7)).allMatch(strike -> strike.works().isZero());
  }

  @Test
  void whatWasNotReachedComesAgainInItsRound() {
    FaultSchedule strikes = new FaultSchedule(Command.INGEST, 7, 1, false);
    Failpoint first = failpoints(strikes, 1).get(0);
    strikes.again(first);

    assertThat(failpoints(strikes, Failpoint.of(Command.INGEST).size())).contains(first);
  }

  private static List<FaultInjection> strikes(long seed) {
    FaultSchedule strikes = new FaultSchedule(Command.STREAM, seed, 1, false);
    return Stream.generate(strikes::next).limit(50).toList();
  }

  private static List<Failpoint> failpoints(FaultSchedule strikes, int many) {
    return Stream.generate(strikes::next)
        .map(FaultInjection::failpoint)
        .flatMap(Optional::stream)
        .limit(many)
        .toList();
  }
}
