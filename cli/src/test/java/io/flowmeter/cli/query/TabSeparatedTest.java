package io.flowmeter.cli.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TabSeparatedTest {

  @Test
  void aLineIsARowAndATabBetweenValues() {
    assertThat(TabSeparated.rows("a\t1\nb\t\n"))
        .containsExactly(List.of("a", "1"), List.of("b", ""));
    assertThat(TabSeparated.rows("")).isEmpty();
  }

  @Test
  void whatWasEscapedIsAsItWas() {
    assertThat(TabSeparated.rows("two\\nlines\\tand \\\\N \\'quoted\\'\t\\N"))
        .containsExactly(List.of("two\nlines\tand \\N 'quoted'", TabSeparated.NULL));
  }
}
