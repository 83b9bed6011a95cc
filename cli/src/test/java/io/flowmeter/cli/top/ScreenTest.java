package io.flowmeter.cli.top;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.cli.console.TerminalSanitizer;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.cli.top.View.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScreenTest {

  private static final View VIEW = View.all(Order.TROUBLE, false);
  private static final String ESCAPE = "\u001b";

  /**
   * To write them anew: {@code mvn -pl cli -am test -Dtest=ScreenTest
   * -Dsurefire.failIfNoSpecifiedTests=false -Dgolden.update=true}.
   */
  @ParameterizedTest
  @ValueSource(ints = {60, 100, 160})
  void aPageLooksLikeThis(int width) throws IOException {
    Path golden =
        Path.of(
            System.getProperty("flowmeter.home"),
            "cli/src/test/resources/io/flowmeter/cli/top/page-%d.txt".formatted(width));
    String page =
        String.join("\n", new Screen(width, false).page(Samples.busy(), VIEW, "1h")) + "\n";
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(golden, page);
    }

    assertThat(page).isEqualTo(Files.readString(golden));
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 40, 60, 80, 100, 133, 160, 250})
  void noLineIsWiderThanTheTerminalUnlessItHasNumbersAlone(int width) {
    List<String> lines = new Screen(width, false).fit(Samples.busy(), VIEW, "1h", 40, "");

    assertThat(lines)
        .allSatisfy(line -> assertThat(TerminalSanitizer.width(line)).isLessThanOrEqualTo(width));
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 10, 15, 24, 50})
  void aScreenHasAsManyLinesAsTheTerminal(int height) {
    assertThat(new Screen(100, true).fit(Samples.many(60), VIEW, "1h", height, "")).hasSize(height);
    assertThat(new Screen(100, true).fit(Samples.busy(), VIEW, "1h", height, "")).hasSize(height);
    assertThat(new Screen(100, true).fit(Samples.nothing(), VIEW, "1h", height, ""))
        .hasSize(height);
  }

  @Test
  void workflowsThatDoNotFitAreCounted() {
    List<String> lines = new Screen(100, false).fit(Samples.many(60), VIEW, "1h", 30, "");

    assertThat(lines).contains("Workflows (13 of 60)", "Worst steps", "Newest errors");
  }

  @Test
  void nothingFromTheDataReachesTheTerminalAsACommand() {
    assertThat(String.join("", new Screen(400, false).page(Samples.busy(), VIEW, "1h")))
        .doesNotContain(ESCAPE, "\u0007", "\u202e", "\n")
        .contains("\\u{1b}[31mred\\u{202e}", "Execution timed out\\nafter \\u{1b}]0;pwned\\u{7}");
  }

  @Test
  void coloursAreOnlyWhereTheyAreWanted() {
    List<String> lines = new Screen(160, true).page(Samples.busy(), VIEW, "1h");

    assertThat(lines.get(0)).startsWith(ESCAPE + "[31mFlowmeter");
    assertThat(lines.get(4)).startsWith(ESCAPE + "[31mcheckout" + ESCAPE + "[0m");
    assertThat(new Screen(160, false).page(Samples.busy(), VIEW, "1h"))
        .noneMatch(line -> line.contains(ESCAPE));
  }

  @Test
  void whatIsOldIsSaidInTheLastLine() {
    List<String> lines =
        new Screen(100, false).fit(Samples.busy(), VIEW, "1h", 24, "Connection\u001b refused");

    assertThat(lines.get(23)).isEqualTo("! Connection\\u{1b} refused");
    assertThat(new Screen(100, false).fit(Samples.busy(), VIEW, "1h", 24, "").get(23))
        .isEqualTo(View.KEYS);
  }

  @Test
  void anEmptyDatabaseIsExplained() {
    assertThat(new Screen(100, false).page(Samples.nothing(), VIEW, "1h"))
        .contains(
            "Flowmeter, last 1h, nothing seen yet, by trouble",
            "No workflow is known yet.",
            "No step failed or lost time.",
            "No run failed.");
  }

  @Test
  void keysChangeWhatIsLookedAt() {
    assertThat(VIEW.after('s')).isEqualTo(View.all(Order.NAME, false));
    assertThat(VIEW.after('r')).isEqualTo(View.all(Order.TROUBLE, true));
    assertThat(VIEW.after('3').part()).isEqualTo(Part.STEPS);
    assertThat(VIEW.after('3').after('1')).isEqualTo(VIEW);
    assertThat(VIEW.after('\u001b')).isEqualTo(VIEW);
    View view = VIEW;
    for (int i = 0; i < Order.values().length; i++) {
      view = view.after('s');
    }
    assertThat(view).as("after all orders the first again").isEqualTo(VIEW);
  }

  @Test
  void onePartHasTheWholeScreen() {
    List<String> lines =
        new Screen(100, false).fit(Samples.many(60), VIEW.after('2'), "1h", 30, "");

    assertThat(lines).contains("Workflows (25 of 60)").doesNotContain("Worst steps");
  }

  @ParameterizedTest
  @EnumSource(Order.class)
  void anOrderHasAName(Order order) {
    assertThat(Order.named(order.toString())).isEqualTo(order);
    assertThat(Order.names()).contains(order.toString());
  }

  @Test
  void theMostTroubledWorkflowComesFirst() {
    assertThat(names(Order.TROUBLE)).startsWith("checkout").endsWith("idle");
    assertThat(names(Order.NAME)).startsWith("checkout", "idle");
    assertThat(names(Order.RUNNING)).startsWith("checkout", "nightly report");
    assertThat(names(Order.P95)).endsWith("idle");
  }

  @Test
  void anUnknownOrderIsRefusedWithThoseThereAre() {
    assertThatThrownBy(() -> Order.named("cost"))
        .isInstanceOf(SettingsException.class)
        .hasMessage("--sort: expected one of " + Order.names() + ", came \"cost\"");
  }

  @Test
  void aTerminalThatDoesNotKnowItsSizeHasNone() {
    assertThat(Terminal.Size.parse("50 132")).contains(new Terminal.Size(50, 132));
    assertThat(Terminal.Size.parse("0 0")).isEmpty();
    assertThat(Terminal.Size.parse("")).isEmpty();
  }

  private static List<String> names(Order order) {
    return Samples.busy().workflows().stream()
        .sorted(order.comparator())
        .map(Figures.Workflow::name)
        .toList();
  }
}
