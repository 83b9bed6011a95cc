package io.flowmeter.simulator;

import static io.flowmeter.simulator.ApiReader.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.simulator.api.RateLimit;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** All requests count, and one too many has consequences. */
class RateLimitIT {
  private final MovingClock clock = Example.clock();
  private Simulator simulator;
  private ApiReader api;

  @BeforeEach
  void start() throws Exception {
    simulator =
        Simulator.start(
            Example.config(clock)
                .withRateLimit(Optional.of(RateLimit.PRODUCTION.withRequests(10))));
    api = new ApiReader(simulator);
  }

  @AfterEach
  void stop() {
    simulator.close();
  }

  @Test
  void everyAnswerTellsWhatIsLeft() throws Exception {
    HttpResponse<String> first = api.response("");
    assertThat(first.headers().firstValue("ratelimit")).contains("\"default\";r=9;t=300");
    assertThat(first.headers().firstValue("ratelimit-policy")).contains("\"default\";q=10;w=300");
    assertThat(first.headers().firstValue("retry-after")).isEmpty();
    clock.advance(Duration.ofSeconds(60));
    assertThat(api.response("/nope").headers().firstValue("ratelimit"))
        .contains("\"default\";r=8;t=240");
  }

  @Test
  void goingOverBlocksEveryCallForFiveMinutes() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertThat(api.response("").statusCode()).isEqualTo(200);
    }
    HttpResponse<String> tooMany = api.response("");
    assertThat(tooMany.statusCode()).isEqualTo(429);
    assertThat(tooMany.headers().firstValue("retry-after")).contains("300");
    assertThat(tooMany.headers().firstValue("ratelimit")).contains("\"default\";r=0;t=300");
    assertThat(json(tooMany.body()).at("/errors/0/code").intValue()).isEqualTo(10429);
    assertThat(json(tooMany.body()).path("success").booleanValue()).isFalse();

    clock.advance(Duration.ofSeconds(299));
    assertThat(api.response("/webhook-relay/instances").statusCode()).isEqualTo(429);
    clock.advance(Duration.ofSeconds(1));
    assertThat(api.response("/webhook-relay/instances").statusCode()).isEqualTo(200);
    assertThat(simulator.rejected()).isEqualTo(2);
  }

  @Test
  void anotherToolOfTheUserUsesTheSameLimit() throws Exception {
    simulator.limiter().orElseThrow().overrunElsewhere(clock.instant());
    assertThat(api.response("").statusCode()).isEqualTo(429);
  }
}
