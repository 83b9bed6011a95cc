package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.budget.QuotaPolicy;
import io.flowmeter.ingest.budget.ServiceLimit;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitHeadersTest {
  private static final QuotaPolicy DEFAULT =
      new QuotaPolicy("default", 1200, Duration.ofMinutes(5));
  private static final QuotaPolicy BURST = new QuotaPolicy("burst", 100, Duration.ofMinutes(1));

  private static List<QuotaPolicy> policies(String... values) {
    return RateLimitHeaders.policies(headers("Ratelimit-Policy", values));
  }

  private static List<ServiceLimit> limits(String... values) {
    return RateLimitHeaders.limits(headers("Ratelimit", values));
  }

  private static HttpHeaders headers(String name, String... values) {
    return HttpHeaders.of(Map.of(name, List.of(values)), (any, value) -> true);
  }

  @Test
  void whatTheApiTells() {
    assertThat(policies("\"default\";q=1200;w=300")).containsExactly(DEFAULT);
    assertThat(limits("\"default\";r=50;t=30"))
        .containsExactly(new ServiceLimit("default", 50, Duration.ofSeconds(30)));
  }

  @Test
  void nothingWhereTheHeadersAreMissing() {
    HttpHeaders other = headers("Date", "Tue, 24 Nov 2026 12:00:00 GMT");
    assertThat(RateLimitHeaders.policies(other)).isEmpty();
    assertThat(RateLimitHeaders.limits(other)).isEmpty();
  }

  @Test
  void severalPoliciesInOneHeaderAndInSeveral() {
    assertThat(policies("\"default\";q=1200;w=300, \"burst\";q=100;w=60"))
        .containsExactly(DEFAULT, BURST);
    assertThat(policies("\"default\";q=1200;w=300", "\"burst\";q=100;w=60"))
        .containsExactly(DEFAULT, BURST);
    assertThat(limits("\"default\";r=50;t=30,\"burst\";r=0;t=7")).hasSize(2);
  }

  @Test
  void whatCannotBeUnderstoodIsLeftOutAndHidesNothingBesideIt() {
    assertThat(policies("???, \"default\";q=1200;w=300, \"later\";q=;w=x"))
        .containsExactly(DEFAULT);
  }

  @Test
  void namesMayBeBareOrQuotedAndHoldSeparatorsInQuotes() {
    assertThat(policies("default;q=1200;w=300")).containsExactly(DEFAULT);
    assertThat(policies("\"a;b,c\";q=100;w=60"))
        .containsExactly(new QuotaPolicy("a;b,c", 100, Duration.ofMinutes(1)));
  }

  @Test
  void spacesQuotedNumbersCapitalsAndOrderDoNotMatter() {
    assertThat(policies("  \"default\" ; W=300 ; Q=\"1200\" ; pk=:cHNsZWVw: "))
        .containsExactly(DEFAULT);
    assertThat(policies("\"default\";q=1200;w=300;qu=\"requests\"")).containsExactly(DEFAULT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ";",
        ",",
        "\"",
        "\"default",
        "\"default\"",
        "\"default\";q=1200",
        "\"default\";w=300",
        "\"default\";q=0;w=300",
        "\"default\";q=-1;w=300",
        "\"default\";q=1.5;w=300",
        "\"default\";q=12345678901;w=300",
        "\"default\";q=1200;w=0",
        "\"default\";q=1200;w=3601",
        "\"default\";q=1200;w=five minutes",
        "\"default\";q=1200;w=300;qu=\"content-bytes\"",
        "1200;window=300",
      })
  void noPolicyOfRequests(String value) {
    assertThat(policies(value)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "50", "\"default\";r=50", "\"default\";t=30", "\"default\";r=-1;t=30"})
  void noLimit(String value) {
    assertThat(limits(value)).isEmpty();
  }

  @Test
  void aLimitThatIsUsedUpIsOne() {
    assertThat(limits("\"default\";r=0;t=0"))
        .containsExactly(new ServiceLimit("default", 0, Duration.ZERO));
  }
}
