package io.flowmeter.streams.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ErrorGroupTest {

  /** {@code printf 'a\0w\0s\0E\0m {}\0' | sha256sum | cut -c1-16}. */
  @Test
  void isTheBeginningOfASha256() {
    assertThat(ErrorGroup.of("a", "w", "s", "E", "m {}")).isEqualTo("2eaa4ac818e9e418");
  }

  @Test
  void isAnotherWhereAnyOfTheFiveIs() {
    assertThat(
            new String[] {
              ErrorGroup.of("a", "w", "s", "E", "m"),
              ErrorGroup.of("b", "w", "s", "E", "m"),
              ErrorGroup.of("a", "x", "s", "E", "m"),
              ErrorGroup.of("a", "w", "", "E", "m"),
              ErrorGroup.of("a", "w", "s", "", "m"),
              ErrorGroup.of("a", "w", "sE", "", "m"),
              ErrorGroup.of("a", "w", "s", "E", "")
            })
        .doesNotHaveDuplicates();
  }
}
