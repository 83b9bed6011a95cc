package io.flowmeter.verify.expected;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class FoldingTest {

  @Test
  void whatDiffersFromOneTimeToTheNextIsFolded() {
    Map.ofEntries(
            Map.entry("ledger rejected: balance < -5", "ledger rejected: balance < {}"),
            Map.entry("Execution timed out after 86400000ms", "Execution timed out after {}ms"),
            Map.entry("{email}\n owes {digits}-12", "{} owes {}"),
            Map.entry("550e8400-e29b-41d4-a716-446655440000/7:{uuid}", "{}"),
            Map.entry("order_8f3k2j, order-474", "order_{}, order-{}"),
            Map.entry("a1b2c3d 0xbeef decade k8s", "{} {} decade k{}s"),
            Map.entry("since 2026-11-24T12:00:00.123Z", "since {}T{}Z"),
            Map.entry("an unknown {mark} {}", "an unknown {mark} {}"),
            Map.entry("(-1:+2) a-3 --4", "({}) a-{} --{}"))
        .forEach((message, pattern) -> assertThat(Folding.of(message)).isEqualTo(pattern));
  }

  @Test
  void theNameOfAGroupIsTheBeginningOfASha256() {
    assertThat(ErrorGroups.name("a", "w", "s", new ReportedError("E", "m 17")))
        .isEqualTo("2eaa4ac818e9e418");
  }
}
