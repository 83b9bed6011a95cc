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
    FaultSchedule schedule = new FaultSchedule(Command.STREAM, 7, 1, false);
    int round = Failpoint.of(Command.STREAM).size();

    assertThat(failpoints(schedule, round))
        .containsExactlyInAnyOrderElementsOf(Failpoint.of(Command.STREAM));
    assertThat(failpoints(schedule, round))
        .containsExactlyInAnyOrderElementsOf(Failpoint.of(Command.STREAM));
  }

  @Test
  void oneSeedGivesOneOrder() {
    assertThat(strikes(7)).isEqualTo(strikes(7)).isNotEqualTo(strikes(8));
  }

  @Test
  void someAreKilledFromOutside() {
    assertThat(strikes(7)).anyMatch(injection -> injection.failpoint().isEmpty());
  }

  @Test
  void whereThatIsWantedSomeArePausedForLongerThanTheyAreMissed() {
    FaultSchedule schedule = new FaultSchedule(Command.STREAM, 7, 1, true);

    assertThat(Stream.generate(schedule::next).limit(50))
        .anyMatch(injection -> injection.pause().compareTo(Duration.ofSeconds(30)) > 0);
    assertThat(strikes(7)).allMatch(injection -> injection.pause().isZero());
  }

  @Test
  void whoIsGivenEaseWorksLongerBeforeItEnds() {
    FaultSchedule schedule = new FaultSchedule(Command.INGEST, 7, 3, false);

    assertThat(Stream.generate(schedule::next).limit(50))
        .filteredOn(injection -> injection.failpoint().isPresent())
        .allMatch(injection -> injection.works().equals(Duration.ofSeconds(20)));
    assertThat(strikes(7)).allMatch(injection -> injection.works().isZero());
  }

  @Test
  void whatWasNotReachedComesAgainInItsRound() {
    FaultSchedule schedule = new FaultSchedule(Command.INGEST, 7, 1, false);
    Failpoint first = failpoints(schedule, 1).get(0);
    schedule.again(first);

    assertThat(failpoints(schedule, Failpoint.of(Command.INGEST).size())).contains(first);
  }

  private static List<FaultInjection> strikes(long seed) {
    FaultSchedule schedule = new FaultSchedule(Command.STREAM, seed, 1, false);
    return Stream.generate(schedule::next).limit(50).toList();
  }

  private static List<Failpoint> failpoints(FaultSchedule schedule, int many) {
    return Stream.generate(schedule::next)
        .map(FaultInjection::failpoint)
        .flatMap(Optional::stream)
        .limit(many)
        .toList();
  }
}
