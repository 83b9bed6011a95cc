package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;

class ReadyQueryTest {

  @Test
  void parametersAreTheCommentedConstants() {
    assertThat(named("mttr").parameters())
        .containsExactly(
            new ReadyQuery.Parameter(
                "workflow", "String", "''", "which workflow; if empty, the busiest"),
            new ReadyQuery.Parameter(
                "at_least", "UInt32", "1", "how many errored runs an outage has at least"));
    assertThat(named("in_flight_at").parameters())
        .singleElement()
        .satisfies(
            moment -> {
              assertThat(moment.type()).isEqualTo("DateTime64(3, 'UTC')");
              assertThat(moment.standard()).isEqualTo("now64(3) - INTERVAL 1 HOUR");
            });
    assertThat(named("status_now").parameters()).isEmpty();
  }

  @Test
  void everyLineThatSpeaksOfAParameterDeclaresOne() {
    for (ReadyQuery query : ReadyQuery.all()) {
      assertThat(query.sql().lines().filter(line -> line.contains("-- Parameter")))
          .as(query.name())
          .hasSameSizeAs(query.parameters());
    }
  }

  @Test
  void aChosenParameterReplacesItsConstantOnly() {
    String sql = named("mttr").sql(Set.of("at_least"));

    assertThat(sql).contains("    {at_least:UInt32} AS at_least, -- ");
    assertThat(sql.replace("{at_least:UInt32}", "1")).isEqualTo(named("mttr").sql());
    assertThat(named("mttr").sql(Set.of())).isEqualTo(named("mttr").sql());
  }

  @Test
  void anUnknownParameterIsAnErrorThatNamesTheKnown() {
    assertThatThrownBy(() -> named("mttr").sql(Set.of("wokflow")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("mttr has no parameter wokflow; it has workflow, at_least");
  }

  private static ReadyQuery named(String name) {
    return ReadyQuery.named(name).orElseThrow();
  }
}
