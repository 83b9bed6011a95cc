package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class UtcTimeTest {
  private static final long YEAR_0 = -62167219200L;
  private static final long YEAR_9999 = 253402300799L;

  @Property
  void readsWhatTheLibraryReads(
      @ForAll @LongRange(min = YEAR_0, max = YEAR_9999) long second,
      @ForAll @IntRange(max = 999_999_999) int nanos) {
    String text = Instant.ofEpochSecond(second, nanos).toString();
    assertThat(parse(text)).isEqualTo(StreamingJsonReader.time(text).orElseThrow());
  }

  @Property
  void oneCharacterWrongIsAsTheLibraryReadsItOrLeftToIt(
      @ForAll @IntRange(max = 23) int at, @ForAll @IntRange(min = 32, max = 126) int wrong) {
    StringBuilder text = new StringBuilder("2026-02-28T12:34:56.789Z");
    text.setCharAt(at, (char) wrong);
    Instant read = parse(text.toString());
    if (read != null) {
      assertThat(StreamingJsonReader.time(text.toString())).contains(read);
    }
  }

  @Example
  void leavesOtherFormsAndNoMomentsToTheLibrary() {
    assertThat(parse("2026-02-29T12:00:00Z")).isNull();
    assertThat(parse("2026-13-01T12:00:00Z")).isNull();
    assertThat(parse("2026-11-24T24:00:00Z")).isNull();
    assertThat(parse("2026-11-24T12:00:00.Z")).isNull();
    assertThat(parse("2026-11-24T12:00:00+02:00")).isNull();
    assertThat(parse("2026-11-24")).isNull();
    assertThat(parse("")).isNull();
  }

  private static Instant parse(String text) {
    String around = "\"" + text + "\"";
    return UtcTime.parse(around.toCharArray(), 1, text.length());
  }
}
