package io.flowmeter.e2e.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that the README names first are those that CI runs and images are built with. */
class CommandsTest {
  private static final Pattern TWO_COMMANDS =
      Pattern.compile("```sh\n(\\S+ \\S+) +#.*\n(\\S+ \\S+) +#.*\n```");
  private static final Pattern ARCHIVE_BUILD =
      Pattern.compile("mvn (?:[^\\n]*? )?-pl dist -am (-D[^\\n]*?) package\\b");

  /** It leaves out what only the archive needs, not what is built. */
  private static final String SHORTCUT = "-Darchive.skip=true";

  @Test
  void ciRunsTheCommandsOfTheReadme() throws IOException {
    Matcher readme = TWO_COMMANDS.matcher(read("README.md"));
    assertThat(readme.find()).as("a block of two commands in the README").isTrue();
    assertThat(readme.group(1)).isEqualTo("./flowmeter up");
    assertThat(readme.group(2)).isEqualTo("mvn verify");

    assertThat(read(".ci/run"))
        .contains("\"$work/clone/flowmeter\" up --for ")
        .contains("\nmvn -B verify\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"deploy/Dockerfile", "dist/compare-builds.sh"})
  void theArchiveIsBuiltAlikeEverywhere(String file) throws IOException {
    Set<String> options = buildOptions(file);
    assertThat(options).doesNotContain(SHORTCUT);

    options.add(SHORTCUT);
    assertThat(options).isEqualTo(buildOptions("flowmeter"));
  }

  private static Set<String> buildOptions(String file) throws IOException {
    Matcher build = ARCHIVE_BUILD.matcher(read(file).replaceAll("\\\\\n *", ""));
    assertThat(build.find()).as("a build of the archive in " + file).isTrue();
    return new TreeSet<>(Set.of(build.group(1).split(" +")));
  }

  private static String read(String file) throws IOException {
    return Files.readString(DocsPage.HOME.resolve(file));
  }
}
