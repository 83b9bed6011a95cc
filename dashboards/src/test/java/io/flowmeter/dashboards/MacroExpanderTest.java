package io.flowmeter.dashboards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the data source documents and tests itself, in its documentation's own examples. */
class MacroExpanderTest {

  private static final TimeRange RANGE =
      new TimeRange(
          Instant.parse("2014-11-12T11:45:26.123Z"), Instant.parse("2015-11-12T11:45:26.456Z"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "$__fromTime | toDateTime(1415792726)",
        "$__toTime | toDateTime(1447328726)",
        "$__fromTime_ms | fromUnixTimestamp64Milli(1415792726123)",
        "$__toTime_ms | fromUnixTimestamp64Milli(1447328726456)",
        "$__timeFilter(t) | t >= toDateTime(1415792726) AND t <= toDateTime(1447328726)",
        "$__timeFilter_ms(t) | t >= fromUnixTimestamp64Milli(1415792726123) AND t <= fromUnixTimestamp64Milli(1447328726456)",
        "$__dateFilter(d) | d >= toDate('2014-11-12') AND d <= toDate('2015-11-12')",
        "$__dateTimeFilter(d, t) | (d >= toDate('2014-11-12') AND d <= toDate('2015-11-12')) AND (t >= toDateTime(1415792726) AND t <= toDateTime(1447328726))",
        "$__dt(d, t) | (d >= toDate('2014-11-12') AND d <= toDate('2015-11-12')) AND (t >= toDateTime(1415792726) AND t <= toDateTime(1447328726))",
        "$__timeFrom(t) | t >= toDateTime(1415792726)",
        "$__timeTo(t) | t <= toDateTime(1447328726)",
        "$__timeGroup(t, 5m) | toStartOfInterval(toDateTime(t), INTERVAL 300 second)",
        "$__timeGroup(t, '1h') | toStartOfInterval(toDateTime(t), INTERVAL 3600 second)",
        "$__timeInterval(t) | toStartOfInterval(toDateTime(t), INTERVAL 20 second)",
        "$__timeInterval_ms(t) | toStartOfInterval(toDateTime64(t, 3), INTERVAL 20000 millisecond)",
        "$__interval_s | 20",
        "where ( d >= $__fromTime ) and ( d <= $__toTime ) limit 1 | where ( d >= toDateTime(1415792726) ) and ( d <= toDateTime(1447328726) ) limit 1",
        "$__timeFrom(cast(s as timestamp) ) | cast(s as timestamp) >= toDateTime(1415792726)",
        "$__timeInterval($__fromTime) | toStartOfInterval(toDateTime(toDateTime(1415792726)), INTERVAL 20 second)",
        "$__timeTo(coalesce(c, $__toTime)) | coalesce(c, toDateTime(1447328726)) <= toDateTime(1447328726)",
        "m = 'it\\'s -- fine' and $__fromTime | m = 'it\\'s -- fine' and toDateTime(1415792726)",
        "m = 'a\\'/*x' and $__fromTime | m = 'a\\'/*x' and toDateTime(1415792726)",
        "m = 'it''s' and $__fromTime | m = 'it''s' and toDateTime(1415792726)",
        "`it's` m = 'a--b' and $__fromTime | `it's` m = 'a--b' and toDateTime(1415792726)",
        "$__unknown(t) | $__unknown(t)",
      })
  void aMacroMeansWhatTheDataSourceMakesOfIt(String rawSql, String sql) {
    assertThat(expander().expand(rawSql)).isEqualTo(sql);
  }

  @Test
  void anIntervalIsAtLeastASecond() {
    assertThat(new MacroExpander(RANGE, Duration.ZERO, List.of()).expand("$__interval_s"))
        .isEqualTo("1");
  }

  @Test
  void aMacroInACommentIsNoMacro() {
    assertThat(expander().expand("SELECT 1 -- $__timeFilter()\n/* $__dt( */ + 1"))
        .isEqualTo("SELECT 1 \n + 1");
  }

  @Test
  void aConditionHoldsUnlessAllIsSelected() {
    String rawSql =
        "where $__conditionalAll(w in (${w:singlequote}), $w) and $__conditionalAll(f(a, b), ${x})";

    assertThat(expander(Selection.some("w", "a", "b's"), Selection.one("x", "1")).expand(rawSql))
        .isEqualTo("where w in ('a','b\\'s') and f(a, b)");
    assertThat(expander(Selection.all("w", List.of("a")), Selection.one("x", "")).expand(rawSql))
        .isEqualTo("where 1=1 and 1=1");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "$w | 'a','b''",
        "${w:csv} | a,b'",
        "${w:raw} | a,b'",
        "${w:pipe} | a|b'",
        "${w:singlequote} | 'a','b\\''",
        "${w:sqlstring} | 'a','b'''",
        "${one} $one | 1 1",
        "${absent} $absent | ${absent} $absent",
      },
      delimiterString = " | ")
  void aVariableIsPutInInItsFormat(String rawSql, String sql) {
    assertThat(expander(Selection.some("w", "a", "b'"), Selection.one("one", "1")).expand(rawSql))
        .isEqualTo(sql);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "$__timeFilter() | $__timeFilter expected 1 argument(s), received 0",
        "$__dateTimeFilter(d) | $__dateTimeFilter expected 2 argument(s), received 1",
        "$__timeGroup(t, nope) | $__timeGroup expected a period such as 30s, 5m or 1h, received nope",
        "$__timeFilter(t | No closing parenthesis for $__timeFilter(t",
        "${w:glob} | Unknown format glob of the variable w; use singlequote",
      })
  void whatCannotBeExpandedIsAnError(String rawSql, String message) {
    assertThatThrownBy(() -> expander(Selection.some("w", "a")).expand(rawSql))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  private static MacroExpander expander(Selection... selections) {
    return new MacroExpander(RANGE, Duration.ofSeconds(20), List.of(selections));
  }
}
