package io.flowmeter.simulator.fault;

import static io.flowmeter.simulator.ApiReader.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.simulator.ApiReader;
import io.flowmeter.simulator.Example;
import io.flowmeter.simulator.MovingClock;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.simulator.api.RateLimit;
import io.flowmeter.simulator.fault.FaultPlan.Kind;
import io.flowmeter.simulator.http.LoopbackRequest;
import io.flowmeter.simulator.http.LoopbackResponse;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultPlanIT {
  private final MovingClock clock = Example.clock();

  private SimulatorConfig config(String faults) {
    return Example.config(clock).withFaults(FaultWords.parse(faults, 5));
  }

  @Test
  void everyKindComesAsOftenAsPlannedAndTheSameForTheSameSeed() {
    FaultPlan plan =
        FaultPlan.of(5, Map.of(Kind.SERVER_ERROR, 0.1, Kind.SLOW, 0.05, Kind.OTHER_TOOL, 0.02));
    FaultPlan again = FaultPlan.of(5, plan.shares());
    Map<Class<?>, Integer> counts = new HashMap<>();
    for (long request = 0; request < 20_000; request++) {
      Optional<InjectedFault> fault = plan.at(request).map(FaultPlan.Met::fault);
      fault.ifPresent(each -> counts.merge(each.getClass(), 1, Integer::sum));
      assertThat(again.at(request).map(met -> met.fault().getClass()))
          .isEqualTo(fault.map(InjectedFault::getClass));
    }
    assertThat(counts.get(InjectedFault.Instead.class)).isBetween(1_850, 2_150);
    assertThat(counts.get(InjectedFault.Delivered.class)).isBetween(880, 1_120);
    assertThat(counts.get(InjectedFault.OtherTool.class)).isBetween(330, 470);
    FaultPlan other = FaultPlan.of(6, plan.shares());
    assertThat(LongStream.range(0, 1000).filter(n -> other.at(n).isPresent()).boxed().toList())
        .isNotEqualTo(
            LongStream.range(0, 1000).filter(n -> plan.at(n).isPresent()).boxed().toList());
  }

  @Test
  void allIsSomeOfEveryKind() {
    FaultPlan all = FaultWords.parse("all", 3);
    assertThat(all.shares()).containsOnlyKeys(Kind.values());
    assertThat(all.shares().values()).allMatch(share -> share > 0 && share < 0.05);
    assertThat(all.skew()).isEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void wordsBecomeShares() {
    FaultPlan plan = FaultWords.parse("429=0.001, content-type=0.25,skew=90s", 3);
    assertThat(plan.shares()).isEqualTo(Map.of(Kind.OTHER_TOOL, 0.001, Kind.CONTENT_TYPE, 0.25));
    assertThat(plan.skew()).isEqualTo(Duration.ofSeconds(90));
  }

  @Test
  void aWrongNameIsToldTheRightOnes() {
    assertThatThrownBy(() -> FaultWords.parse("5xx=0.1,4xx=0.1", 3))
        .hasMessage(
            "expected faults among 429=SHARE, 5xx=SHARE, reset=SHARE, truncated=SHARE, slow=SHARE,"
                + " content-type=SHARE, empty=SHARE, skew=TIME, or all, came '4xx=0.1'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "5xx",
        "5xx=",
        "5xx=many",
        "5xx=2",
        "5xx=-1",
        "skew=ten",
        "reset=NaN",
        "5xx=0.6,reset=0.6"
      })
  void wrongValuesAreRefused(String words) {
    assertThatThrownBy(() -> FaultWords.parse(words, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }

  @ParameterizedTest
  @CsvSource({"reset,RESET", "truncated,TRUNCATED", "slow,SLOW"})
  void deliveryGoesWrong(String word, LoopbackResponse.Delivery delivery) throws Exception {
    try (Simulator simulator = Simulator.start(config(word + "=1"))) {
      assertThat(simulator.respond(LoopbackRequest.get(simulator.path())).delivery())
          .isEqualTo(delivery);
    }
  }

  @Test
  void statusAndContentGoWrong() throws Exception {
    try (Simulator simulator = Simulator.start(config("5xx=0.5,content-type=0.5"))) {
      for (int i = 0; i < 20; i++) {
        LoopbackResponse response = simulator.respond(LoopbackRequest.get(simulator.path()));
        boolean isJson = response.headers().get("Content-Type").equals("application/json");
        assertThat(isJson ? response.status() >= 500 : response.status() < 500).isTrue();
      }
    }
  }

  @Test
  void aFailureShowsAnEmptyList() throws Exception {
    try (Simulator simulator = Simulator.start(config("empty=1"))) {
      LoopbackResponse response = simulator.respond(LoopbackRequest.get(simulator.path()));
      JsonNode envelope = json(new String(response.body().all(), StandardCharsets.UTF_8));
      assertThat(envelope.path("success").booleanValue()).isFalse();
      assertThat(envelope.path("result")).isEmpty();
    }
  }

  @Test
  void anotherToolThatGoesOverTheLimitBlocksAll() throws Exception {
    SimulatorConfig limited = config("429=1").withRateLimit(Optional.of(RateLimit.PRODUCTION));
    try (Simulator simulator = Simulator.start(limited)) {
      LoopbackResponse response = simulator.respond(LoopbackRequest.get(simulator.path()));
      assertThat(response.status()).isEqualTo(429);
      assertThat(response.headers()).containsEntry("Retry-After", "300");
      clock.advance(Duration.ofSeconds(100));
      assertThat(simulator.respond(LoopbackRequest.get(simulator.path())).headers())
          .containsEntry("Retry-After", "200");
    }
  }

  @Test
  void slowBodiesArriveWhole() throws Exception {
    try (Simulator simulator = Simulator.start(config("slow=1"))) {
      HttpResponse<String> response = new ApiReader(simulator).response("/webhook-relay");
      assertThat(json(response.body()).path("success").booleanValue()).isTrue();
    }
  }

  @Test
  void aWrongClockIsConsistentInItselfAndChangesOnlyForward() throws Exception {
    Duration skew = Duration.ofMinutes(10);
    FaultPlan plan = FaultPlan.NONE.withSkew(skew);
    InstantSource wrong = plan.skewed(clock, Example.EPOCH);
    Instant before = wrong.instant();
    assertThat(before).isEqualTo(clock.instant().minus(skew));
    for (int minute = 0; minute < 12 * 60; minute++) {
      clock.advance(Duration.ofMinutes(1));
      assertThat(wrong.instant()).isAfter(before);
      before = wrong.instant();
    }
    assertThat(before).isEqualTo(clock.instant().plus(skew));

    try (Simulator simulator = Simulator.start(config("skew=10m"))) {
      assertThat(simulator.now()).isEqualTo(clock.instant().plus(skew));
      HttpResponse<String> response =
          new ApiReader(simulator).response("/webhook-relay/instances?per_page=1");
      assertThat(response.headers().firstValue("date")).contains("Mon, 02 Mar 2026 21:50:00 GMT");
      JsonNode newest = json(response.body()).at("/result/0/created_on");
      assertThat(Instant.parse(newest.asText()))
          .isBetween(simulator.now().minusSeconds(60), simulator.now());
    }
  }
}
