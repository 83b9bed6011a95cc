package io.flowmeter.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TerminalSanitizerTest {

  @Test
  void whatWouldCommandTheTerminalIsShown() {
    assertThat(TerminalSanitizer.visible("\u001b[2J\u001b]0;title\u0007 \u009b31m del\u007f"))
        .isEqualTo("\\u{1b}[2J\\u{1b}]0;title\\u{7} \\u{9b}31m del\\u{7f}");
    assertThat(TerminalSanitizer.visible("two\nlines\r\tand a tab"))
        .isEqualTo("two\\nlines\\r\\tand a tab");
  }

  @Test
  void whatWouldTurnTheDirectionOrHideIsShown() {
    assertThat(TerminalSanitizer.visible("a\u202eb\u2066c\u200bd\u2028e\ufefff"))
        .isEqualTo("a\\u{202e}b\\u{2066}c\\u{200b}d\\u{2028}e\\u{feff}f");
    assertThat(TerminalSanitizer.visible("half \ud83d a pair")).isEqualTo("half \\u{d83d} a pair");
  }

  @Test
  void whatCanBeReadStaysAsItIs() {
    assertThat(TerminalSanitizer.visible("Überweisung 決済 🚀 ok")).isEqualTo("Überweisung 決済 🚀 ok");
  }

  @Test
  void widthIsWhatATerminalTakes() {
    assertThat(TerminalSanitizer.width("charge")).isEqualTo(6);
    assertThat(TerminalSanitizer.width("決済")).isEqualTo(4);
    assertThat(TerminalSanitizer.width("🚀")).isEqualTo(2);
    assertThat(TerminalSanitizer.width("e\u0301")).isEqualTo(1);
  }

  @Test
  void aTextIsCutToItsWidth() {
    assertThat(TerminalSanitizer.cut("charge card", 11)).isEqualTo("charge card");
    assertThat(TerminalSanitizer.cut("charge card", 8)).isEqualTo("charge …");
    assertThat(TerminalSanitizer.cut("決済処理", 6)).isEqualTo("決済…");
    assertThat(TerminalSanitizer.cut("決済処理", 7)).isEqualTo("決済処…");
    assertThat(TerminalSanitizer.cut("charge", 1)).isEqualTo("…");
    assertThat(TerminalSanitizer.cut("charge", 0)).isEmpty();
  }
}
