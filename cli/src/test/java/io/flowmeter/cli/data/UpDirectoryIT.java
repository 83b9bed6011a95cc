package io.flowmeter.cli.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpDirectoryIT {
  @TempDir Path temp;

  @Test
  void itRemembersWhatItIsTold() {
    DataDirectoryManifest told =
        new DataDirectoryManifest(
            "https://a.example/x=y:z\\w",
            "acc",
            Map.of("kafka", 9092, "clickhouse", 8123),
            42,
            Instant.parse("2026-01-02T03:04:05.678Z"));
    try (UpDirectory directory = UpDirectory.claim(temp).orElseThrow()) {
      assertThat(directory.manifest()).isEmpty();
      directory.writeManifest(told);
    }
    try (UpDirectory directory = UpDirectory.claim(temp).orElseThrow()) {
      assertThat(directory.manifest()).contains(told);
    }
  }

  @Test
  void whatItMakesIsItsOwnersAlone() throws IOException {
    Path above = temp.resolve("above");
    UpDirectory.claim(above.resolve("data")).orElseThrow().close();

    for (Path made : List.of(above, above.resolve("data"))) {
      assertThat(Files.getPosixFilePermissions(made))
          .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void aDamagedMemorySaysWhatIsMissing() throws IOException {
    Files.writeString(temp.resolve("flowmeter.properties"), "source = simulator\n");
    assertThatThrownBy(() -> UpDirectory.manifest(temp))
        .isInstanceOf(UnusableDirectoryException.class)
        .hasMessageContaining("it has no account")
        .hasMessageContaining("another --data");
  }

  @Test
  void onlyOneHasItAtATime() throws IOException {
    Path link = Files.createSymbolicLink(temp.resolveSibling(temp.getFileName() + "-link"), temp);
    try (UpDirectory first = UpDirectory.claim(temp).orElseThrow()) {
      assertThat(first.path()).isEqualTo(temp.toRealPath());
      assertThat(UpDirectory.claim(temp)).isEmpty();
      assertThat(UpDirectory.claim(link)).as("under another name").isEmpty();
    } finally {
      Files.delete(link);
    }
    UpDirectory.claim(temp).orElseThrow().close();
  }

  @Test
  void whereTheServersAreIsToldOnlyWhileItIsClaimed() {
    RunningServices running =
        new RunningServices(
            1, Optional.of("127.0.0.1:9092"), Optional.empty(), "http://127.0.0.1:8123");
    try (UpDirectory directory = UpDirectory.claim(temp).orElseThrow()) {
      directory.announce(running);
      assertThat(RunningServices.in(temp)).contains(running);
    }
    assertThat(RunningServices.in(temp)).isEmpty();
  }

  @Test
  void whatAKilledOneToldIsForgotten() throws IOException {
    Files.writeString(
        temp.resolve("running.properties"), "pid = 1\nclickhouse = http://127.0.0.1:1\n");
    assertThat(RunningServices.in(temp)).isEmpty();
    Files.createFile(temp.resolve("lock"));
    assertThat(RunningServices.in(temp)).isEmpty();
    try (UpDirectory directory = UpDirectory.claim(temp).orElseThrow()) {
      assertThat(RunningServices.in(directory.path())).isEmpty();
    }
  }

  @Test
  void passwordsAreMadeOnceAndAreTheirOwnersAlone() throws IOException {
    try (UpDirectory directory = UpDirectory.claim(temp).orElseThrow()) {
      String password = directory.readerPassword();
      assertThat(password).matches("[A-Za-z0-9]{24}").isNotEqualTo(directory.writerPassword());
      assertThat(directory.readerPassword()).isEqualTo(password);
      assertThat(Files.getPosixFilePermissions(temp.resolve("reader.password")))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
  }

  /** As doctor and others do: by a shared lock, for a moment. */
  @Test
  void whoOnlyLooksWhetherItIsInUseIsWaitedFor() throws Exception {
    UpDirectory.claim(temp).orElseThrow().close();
    Process looking =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                Path.of("target/test-classes").toString(),
                Looking.class.getName(),
                temp.resolve("lock").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(looking.getInputStream().read()).isEqualTo('L');
      assertThat(UpDirectory.claim(temp)).isEmpty();

      CompletableFuture<Optional<UpDirectory>> claimed =
          CompletableFuture.supplyAsync(() -> UpDirectory.claim(temp, Duration.ofMinutes(2)));
      looking.getOutputStream().close();

      claimed.get().orElseThrow().close();
    } finally {
      looking.destroyForcibly().onExit().join();
    }
  }

  /** Looks until its input ends. */
  static final class Looking {
    public static void main(String[] args) throws IOException {
      try (FileChannel channel = FileChannel.open(Path.of(args[0]), StandardOpenOption.READ);
          FileLock shared = channel.lock(0, Long.MAX_VALUE, true)) {
        System.out.print(shared.isShared() ? 'L' : 'E');
        System.out.flush();
        System.in.read();
      }
    }
  }

  @Test
  void itIsKeptOutOfGitUnlessThereIsSomethingElseInIt() throws IOException {
    Path ours = temp.resolve("ours");
    try (UpDirectory directory = UpDirectory.claim(ours).orElseThrow()) {
      directory.keepOutOfGit();
      directory.readerPassword();
    }
    assertThat(ours.resolve(".gitignore")).hasContent("*");

    Path theirs = Files.createDirectory(temp.resolve("theirs"));
    Files.createFile(theirs.resolve("README.md"));
    try (UpDirectory directory = UpDirectory.claim(theirs).orElseThrow()) {
      directory.keepOutOfGit();
    }
    assertThat(theirs.resolve(".gitignore")).doesNotExist();
  }
}
