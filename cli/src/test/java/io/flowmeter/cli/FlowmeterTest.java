package io.flowmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.cli.console.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowmeterTest {
  private static final Pattern WITHOUT_TOOLS =
      Pattern.compile("(?m)^ +(ingest \\| [a-z| -]+)\\) set --");

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final ByteArrayOutputStream complained = new ByteArrayOutputStream();
  private PrintStream standardError;

  @BeforeEach
  void listen() {
    standardError = System.err;
    System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void listenNoMore() {
    System.setErr(standardError);
  }

  private int run(String line) {
    return Flowmeter.run(
        line.split(" "),
        Map.of(),
        Console.plain(new PrintStream(said, true, StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "settings --topics.partitions 8",
        "top --range 0s",
        "top --every 999999999999999d",
        "top --sort age",
        "replay --since T",
        "sql --format xml status_now",
      })
  void aMistakeOnTheCommandLineIsToldInALineWithExitCode2(String line) {
    assertThat(run(line)).isEqualTo(2);

    assertThat(complained.toString(StandardCharsets.UTF_8).lines())
        .singleElement()
        .asString()
        .startsWith("flowmeter: ")
        .containsAnyOf("expected", "must");
    assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"up --for 10s", "simulate --port 0", "verify", "torture", "bench parse"})
  void aCommandOfTheToolsSaysWhereTheyAre(String line) {
    assertThat(run(line)).isEqualTo(1);

    assertThat(complained.toString(StandardCharsets.UTF_8))
        .startsWith("flowmeter: `" + line.split(" ")[0] + "` is in the folder tools")
        .contains("unpack the whole archive");
  }

  @Test
  void theCompletionScriptKnowsCommandsAndReadyQueries() {
    assertThat(run("completion")).isZero();

    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains("complete -F _complete_flowmeter", "instance-id", "up", "--param")
        .contains("\"mttr\"", "\"waterfall\"", "\"tsv\"");
  }

  @Test
  void anUnknownParameterOfAReadyQueryNamesTheKnownOnes() {
    assertThat(run("sql mttr --param wokflow=orders")).isEqualTo(1);

    assertThat(complained.toString(StandardCharsets.UTF_8))
        .contains("--param: mttr has no parameter wokflow; it has workflow, at_least");
  }

  /** Whatever the script does not name gets the tools on its class path as well. */
  @Test
  void theScriptKnowsAllCommandsThatNeedNoTools() throws IOException {
    Console console = Console.plain(new PrintStream(said, true, StandardCharsets.UTF_8));
    Invocation invocation = Invocation.of(new String[0], Map.of(), console);
    Set<String> commands =
        new TreeSet<>(Flowmeter.commandLine(invocation).getSubcommands().keySet());
    commands.remove("help");
    assertThat(commands).containsAll(ToolCommands.NAMES);
    commands.removeAll(ToolCommands.NAMES);
    // It completes the options of the tools as well.
    commands.remove("completion");

    Path home = Path.of(System.getProperty("flowmeter.home"));
    Matcher script =
        WITHOUT_TOOLS.matcher(Files.readString(home.resolve("dist/src/main/bin/flowmeter")));
    assertThat(script.find()).as("the list of commands in the script").isTrue();
    assertThat(script.group(1).split(" \\| ")).containsExactlyInAnyOrderElementsOf(commands);
  }
}
