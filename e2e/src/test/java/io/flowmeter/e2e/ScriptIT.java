package io.flowmeter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.cli.ToolCommands;
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
    Files.writeString(root.resolve("pom.xml"), "<project>\n  <version>7.8.9</version>\n</project>");
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
    assertThat(run(root.resolve("flowmeter")))
        .isEqualTo(
            new Result(
                1,
                "flowmeter: A JDK 17 or later is needed to build, and there is no java on the PATH."
                    + " Install one, or set JAVA_HOME.\n"));
  }

  @Test
  void anOldJavaIsNamedWithItsVersion() throws Exception {
    java("11.0.2");
    assertThat(run(root.resolve("flowmeter")).output())
        .contains("A JDK 17 or later is needed to build")
        .contains("is Java 11. Install a newer one");
    java("1.8.0_392");
    assertThat(run(root.resolve("flowmeter")).output()).contains("is Java 8.");
  }

  @Test
  void aJreIsNotEnoughToBuild() throws Exception {
    everything();
    Files.delete(bin.resolve("javac"));
    assertThat(run(root.resolve("flowmeter")).output())
        .contains("A JDK is needed to build")
        .contains("is a JRE: it has no javac beside it. Install a JDK, or set JAVA_HOME.");
  }

  @Test
  void withoutMavenItSaysSo() throws Exception {
    java("17.0.1");
    assertThat(run(root.resolve("flowmeter")).output())
        .contains("Maven 3.9 or later is needed to build, and there is no mvn on the PATH.");
  }

  /** A file in the folder's place cannot be written even by a superuser. */
  @Test
  void aCheckoutThatCannotBeWrittenIsReported() throws Exception {
    everything();
    Files.createDirectories(root.resolve("dist"));
    Files.writeString(root.resolve("dist/target"), "");
    assertThat(run(root.resolve("flowmeter")))
        .isEqualTo(
            new Result(
                1,
                "flowmeter: A folder that can be written is needed to build, and %s/dist/target is not."
                        .formatted(root.toRealPath())
                    + " Clone Flowmeter into a folder of yours.\n"));
  }

  @Test
  void aFullDiskIsReportedAsOne() throws Exception {
    everything();
    tool("mvn", "echo '[ERROR] Failed to write a.jar: No space left on device'; exit 1");
    assertThat(run(root.resolve("flowmeter")).output())
        .contains("flowmeter: The disk is full: free some space below " + root.toRealPath())
        .doesNotContain("[ERROR]");
  }

  @Test
  void withBuildOnlyNothingRuns() throws Exception {
    everything();
    Result result = run(root.resolve("flowmeter"), "--build-only");
    assertThat(result.code()).as(result.output()).isZero();
    assertThat(result.output()).contains("Built in").doesNotContain("java said");
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
  void anotherJavaNeedsNoOtherBuild() throws Exception {
    everything();
    assertThat(run(root.resolve("flowmeter"), "--version").code()).isEqualTo(7);
    java("24.0.1");

    assertThat(run(root.resolve("flowmeter"), "--version").output())
        .doesNotContain("Building")
        .contains("[--sun-misc-unsafe-memory-access=allow]");
  }

  @Test
  void theArchiveNeedsAJavaAndNothingElse() throws Exception {
    Path archive = archive(temp.resolve("an archive"));
    Path program = archive.resolve("bin/flowmeter");

    assertThat(run(program).output())
        .startsWith("flowmeter: Java 17 or later is required, but there is no java on the PATH.");
    java("11.0.2");
    assertThat(run(program).output()).contains("Java 17 or later is required", "is Java 11.");
    java("17.0.1");
    assertThat(run(program, "doctor").code()).isEqualTo(7);
  }

  /** What is beside a real Java saves starting it. */
  @Test
  void theVersionIsReadFromTheFileThatJavaHas() throws Exception {
    java("17.0.1");
    Path home = Files.createDirectories(temp.resolve("jdk/bin")).getParent();
    Files.move(bin.resolve("java"), home.resolve("bin/java"));
    Files.createSymbolicLink(bin.resolve("java"), home.resolve("bin/java"));
    Files.writeString(home.resolve("release"), "JAVA_RUNTIME=\"x\"\nJAVA_VERSION=\"11.0.9\"\n");

    assertThat(run(archive(temp.resolve("archive")).resolve("bin/flowmeter"), "up").output())
        .contains("is Java 11.");
  }

  @Test
  void whatServesAnAccountHasNoToolsOnItsClassPath() throws Exception {
    java("17.0.1");
    Path archive = archive(temp.resolve("archive")).toRealPath();
    Path program = archive.resolve("bin/flowmeter");
    String lib = archive + "/lib/a.jar";
    String both = lib + ":" + archive + "/tools/b.jar";

    for (String command : List.of("ingest", "stream", "migrate", "doctor", "sql", "top")) {
      assertThat(run(program, command).output()).contains("[-cp][" + lib + "]");
    }
    for (String command : List.of("rebuild", "replay", "settings", "instance-id")) {
      assertThat(run(program, "--account.id", "up", command).output()).contains("[" + lib + "]");
    }
    for (String command : ToolCommands.NAMES) {
      assertThat(run(program, command).output()).contains("[-cp][" + both + "]");
      assertThat(run(program, "--account.id=sql", command).output()).contains("[" + both + "]");
    }
    assertThat(run(program, "--help").output()).contains("[" + both + "]");
    assertThat(run(program, "up").output())
        .contains("[-Dflowmeter.home=" + archive + "]", "[-Dflowmeter.commit=abc]");
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
    java("17.0.1");
    maven(0);
  }

  private void java(String version) throws IOException {
    tool(
        "java",
        """
        if [ "$1" = -version ]; then echo 'openjdk version "%s"' >&2; exit 0; fi
        printf 'java said: in %%s ' "$LC_ALL"; for arg in "$@"; do printf '[%%s]' "$arg"; done; echo
        exit 7
        """
            .formatted(version));
    tool("javac", "exit 0");
  }

  /** It makes what a real build makes, or fails as one does. */
  private void maven(int code) throws IOException {
    Path built = archive(temp.resolve("built"));
    tool(
        "mvn",
        """
        echo '[INFO] Building Flowmeter: dist 7.8.9    [1/1]'
        [ %1$d = 0 ] || { echo '[ERROR] cannot find symbol'; exit %1$d; }
        mkdir -p '%2$s/dist/target' && rm -rf '%2$s/dist/target/flowmeter-7.8.9' && cp -R '%3$s' '%2$s/dist/target/flowmeter-7.8.9'
        """
            .formatted(code, root, built));
  }

  /** The real script among files that only have the right names. */
  private static Path archive(Path folder) throws IOException {
    for (String name : List.of("bin/flowmeter", "lib/a.jar", "tools/b.jar")) {
      Files.createDirectories(folder.resolve(name).getParent());
      Files.deleteIfExists(folder.resolve(name));
    }
    Files.copy(
        Path.of(System.getProperty("flowmeter.home"), "dist/src/main/bin/flowmeter"),
        folder.resolve("bin/flowmeter"),
        java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
    Files.writeString(folder.resolve("lib/a.jar"), "");
    Files.writeString(folder.resolve("tools/b.jar"), "");
    Files.writeString(folder.resolve("commit"), "abc\n");
    return folder;
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
