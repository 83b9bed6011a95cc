package io.flowmeter.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script at the root, in a checkout of nothing, with a Java and a Maven that only say what they
 * were told.
 */
class ScriptIT {
  private static final List<String> TOOLS =
      List.of(
          "sh",
          "awk",
          "cat",
          "chmod",
          "cmp",
          "cp",
          "cut",
          "date",
          "dirname",
          "find",
          "flock",
          "grep",
          "head",
          "mkdir",
          "mktemp",
          "mv",
          "readlink",
          "rm",
          "sed",
          "sleep",
          "tail",
          "touch");

  @TempDir Path temp;
  private Path root;
  private Path bin;

  @BeforeEach
  void aCheckoutAndTheToolsOfAnySystem() throws IOException {
    root = Files.createDirectories(temp.resolve("a checkout"));
    bin = Files.createDirectories(temp.resolve("bin"));
    Files.copy(
        Path.of(System.getProperty("flowmeter.home"), "flowmeter"),
        root.resolve("flowmeter"),
        java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
    Files.createDirectories(root.resolve("cli/src/main"));
    Files.writeString(root.resolve("pom.xml"), "<project/>");
    for (String name : TOOLS) {
      for (String place : List.of("/usr/bin", "/bin")) {
        Path real = Path.of(place, name);
        if (Files.exists(real)) {
          tool(name, "exec %s \"$@\"".formatted(real));
          break;
        }
      }
    }
  }

  @Test
  void withoutJavaItSaysWhatToInstall() throws Exception {
    Result result = run(root.resolve("flowmeter"));
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.output()).contains("Java 17 or later is needed", "JAVA_HOME");
  }

  @Test
  void anOldJavaIsNamedWithItsVersion() throws Exception {
    java(11);
    assertThat(run(root.resolve("flowmeter")).output())
        .contains("Java 17 or later is needed")
        .contains("is 11");
  }

  @Test
  void withoutMavenOrNpmItSaysSo() throws Exception {
    java(17);
    assertThat(run(root.resolve("flowmeter")).output()).contains("Maven 3.9 or later is needed");
    maven(0);
    assertThat(run(root.resolve("flowmeter")).output()).contains("npm is needed");
  }

  @Test
  void itBuildsOnceAndAgainOnlyWhenASourceChanged() throws Exception {
    everything();
    Result first = run(root.resolve("flowmeter"), "--version");
    assertThat(first.code()).as(first.output()).isEqualTo(7);
    assertThat(first.output()).contains("Building Flowmeter", "Built in", "java said: ");

    assertThat(run(root.resolve("flowmeter"), "--version").output()).doesNotContain("Building");

    Path source = Files.writeString(root.resolve("cli/src/main/New.java"), "class New {}");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(2)));
    assertThat(run(root.resolve("flowmeter"), "--version").output()).contains("Building");
  }

  @Test
  void itBuildsAnewWhereAnotherJavaIsBehindTheSameLink() throws Exception {
    everything();
    Path link = Files.move(bin.resolve("java"), temp.resolve("java-17"));
    Files.createSymbolicLink(bin.resolve("java"), link);
    Files.copy(bin.resolve("javac"), temp.resolve("javac"));
    assertThat(run(root.resolve("flowmeter"), "--version").code()).isEqualTo(7);

    Files.delete(bin.resolve("java"));
    java(21);
    Files.move(bin.resolve("java"), temp.resolve("java-21"));
    Files.createSymbolicLink(bin.resolve("java"), temp.resolve("java-21"));

    assertThat(run(root.resolve("flowmeter"), "--version").output()).contains("Building");
  }

  @Test
  void whateverTheLanguageAndWhereverTheCommandStandsItRunsTheSame() throws Exception {
    everything();
    assertThat(run(root.resolve("flowmeter"), "--topics.partitions", "8", "up").output())
        .contains("java said: in C.UTF-8 ", "[-Xmx1g]");
  }

  @Test
  void aFailedBuildShowsItsErrorsAndNamesTheLog() throws Exception {
    everything();
    maven(1);
    Result result = run(root.resolve("flowmeter"), "up");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.output())
        .contains("[ERROR] cannot find symbol", "The build failed", "build.log")
        .doesNotContain("java said");
  }

  @Test
  void throughALinkAndFromElsewhereArgumentsAndExitCodeAreHandedOn() throws Exception {
    everything();
    Path link = Files.createSymbolicLink(temp.resolve("fm"), root.resolve("flowmeter"));
    Result result = run(link, "sql", "SELECT 'a b'  AS \"c\"", "");

    assertThat(result.code()).isEqualTo(7);
    assertThat(result.output())
        .contains("[io.flowmeter.cli.Flowmeter][sql][SELECT 'a b'  AS \"c\"][]");
  }

  private record Result(int code, String output) {}

  private void everything() throws IOException {
    java(17);
    maven(0);
    tool("npm", "exit 0");
  }

  private void java(int version) throws IOException {
    tool(
        "java",
        """
        if [ "$1" = -version ]; then echo 'openjdk version "%d.0.1"' >&2; exit 0; fi
        printf 'java said: in %%s ' "$LC_ALL"; for arg in "$@"; do printf '[%%s]' "$arg"; done; echo
        exit 7
        """
            .formatted(version));
    tool("javac", "exit 0");
  }

  /** It makes what a real build makes, or fails as one does. */
  private void maven(int code) throws IOException {
    tool(
        "mvn",
        """
        echo '[INFO] Building Flowmeter: cli 0.1.0-SNAPSHOT    [1/1]'
        [ %1$d = 0 ] || { echo '[ERROR] cannot find symbol'; exit %1$d; }
        mkdir -p '%2$s/cli/target/lib' && touch '%2$s/cli/target/lib/a.jar' '%2$s/cli/target/flowmeter-cli-1.jar'
        """
            .formatted(code, root));
  }

  private void tool(String name, String script) throws IOException {
    Path file = bin.resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Result run(Path script, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(temp.toFile()).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(Map.of("PATH", bin.toString()));
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }
}
