package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Period;
import org.junit.jupiter.api.Test;

class MigrationSettingsTest {

  @Test
  void factsAreKeptForThirteenMonthsAndRollupsForThreeYears() {
    assertThat(MigrationSettings.defaults().placeholders())
        .containsEntry("facts_retention", "13 MONTH")
        .containsEntry("rollups_retention", "36 MONTH");
  }

  @Test
  void retentionIsInMonthsOrInDaysAndAboveZero() {
    assertThat(keep(Period.ofDays(30)).placeholders()).containsEntry("facts_retention", "30 DAY");
    for (Period wrong :
        new Period[] {Period.ZERO, Period.ofDays(-1), Period.of(1, 0, 1), Period.ofYears(101)}) {
      assertThatThrownBy(() -> keep(wrong))
          .hasMessageContaining("factsRetention must be a number of months or a number of days");
    }
  }

  private static MigrationSettings keep(Period facts) {
    return MigrationSettings.defaults().withRetention(facts, Period.ofYears(3));
  }
}
