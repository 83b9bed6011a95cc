package io.flowmeter.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.flowmeter.cli.Flowmeter;
import io.flowmeter.cli.Invocation;
import io.flowmeter.cli.console.Console;
import io.flowmeter.cli.query.QueryLibrary;
import io.flowmeter.cli.settings.Settings;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine.ParseResult;

/** Every command that stands in a document is one that there is, with options that it has. */
class DocumentedCommandsTest {
  private static final Path HOME = Path.of(System.getProperty("flowmeter.home"));

  /** On a line of its own, after variables it may be given, or within a sentence. */
  private static final Pattern COMMAND =
      Pattern.compile("(?m)(?:^ *(?:[A-Z_]+=\\S+ )*|`)(?:\\./)?flowmeter ([a-z][^`\\n]*)");

  /** A line of a shell is a command up to a comment, or to where its output goes. */
  private static final Pattern END = Pattern.compile("\\s+[#>|]\\s.*");

  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");

  private static Stream<Path> documents() throws IOException {
    try (Stream<Path> all = Files.walk(HOME, 3)) {
      return all
          .filter(file -> file.toString().endsWith(".md"))
          .filter(
              file -> !HOME.relativize(file).toString().matches("(.*/)?(target|node_modules)/.*"))
          .toList()
          .stream();
    }
  }

  @TestFactory
  Stream<DynamicTest> whatIsWrittenCanBeTyped() throws IOException {
    TreeSet<String> commands = new TreeSet<>();
    for (Path document : documents().toList()) {
      COMMAND
          .matcher(Files.readString(document))
          .results()
          .map(found -> END.matcher(found.group(1)).replaceFirst("").strip())
          .forEach(commands::add);
    }
    assertThat(commands)
        .hasSizeGreaterThan(50)
        .contains("up --data ./my-account", "sql mttr", "verify --seed 182 --stay");
    return commands.stream().map(command -> dynamicTest(command, () -> requireKnown(command)));
  }

  private static void requireKnown(String command) {
    String[] words =
        WORD.matcher(command)
            .results()
            .map(word -> Stream.of(1, 2, 3).map(word::group).filter(at -> at != null).findFirst())
            .flatMap(Optional::stream)
            .toArray(String[]::new);
    Console nobody =
        Console.plain(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    Invocation invocation = Invocation.of(words, Map.of(), nobody);

    ParseResult parsed = Flowmeter.commandLine(invocation).parseArgs(invocation.arguments());

    assertThat(parsed.hasSubcommand()).isTrue();
    Settings.read(invocation.settingFlags(), Map.of(), Optional.empty());
    List<String> queries =
        parsed.subcommand().commandSpec().name().equals("sql")
            ? parsed.subcommand().matchedPositionals().stream()
                .flatMap(query -> query.originalStringValues().stream())
                .filter(QueryLibrary::isName)
                .toList()
            : List.of();
    queries.forEach(QueryLibrary::named);
  }
}
