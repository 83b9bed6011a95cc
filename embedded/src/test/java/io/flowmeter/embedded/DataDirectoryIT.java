package io.flowmeter.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryIT {
  @TempDir Path parent;

  @Test
  void missingDirectoryIsCreatedAndReclaimable() {
    Path path = parent.resolve("a/b");
    DataDirectory.claim("part", path).close();
    try (DataDirectory again = DataDirectory.claim("part", path)) {
      assertThat(again.path()).isDirectory();
    }
  }

  @Test
  void symbolicLinkIsSameClaim() throws IOException {
    Path link = Files.createSymbolicLink(parent.resolve("link"), parent);
    try (DataDirectory owned = DataDirectory.claim("part", parent)) {
      assertThatThrownBy(() -> DataDirectory.claim("part", link))
          .hasMessage(
              "part requires exclusive use of the data directory %s, but this process uses it. Stop that process, or choose another data directory.",
              owned.path());
    }
  }

  @Test
  void otherOwnerProcessIsNamed() throws Exception {
    Process other = TestJvm.run(Claim.class, parent.toString());
    try {
      assertThat(other.inputReader().readLine()).isEqualTo("claimed");
      assertThatThrownBy(() -> DataDirectory.claim("part", parent))
          .hasMessageContaining("but process " + other.pid() + " uses it");
    } finally {
      other.destroyForcibly().waitFor();
    }
    assertThatCode(() -> DataDirectory.claim("part", parent).close()).doesNotThrowAnyException();
  }

  @Test
  void fileInPlaceOfDirectoryIsReported() throws IOException {
    Path file = Files.createFile(parent.resolve("file"));
    assertThatThrownBy(() -> DataDirectory.claim("part", file))
        .isInstanceOf(EmbeddedServiceException.class)
        .hasMessageContaining("requires a writable data directory")
        .hasMessageContaining(file.toString());
  }

  @Test
  void lowDiskSpaceIsReported() {
    assertThatThrownBy(() -> DataDirectory.requireFreeSpace("part", parent, 100L << 20))
        .hasMessage(
            "part requires at least 512 MiB of free disk space to start, but %s has 100 MiB. Free some space, or choose another data directory.",
            parent);
  }

  /** Holds a claim until it is killed. */
  static final class Claim {
    public static void main(String[] args) throws Exception {
      try (DataDirectory owned = DataDirectory.claim("part", Path.of(args[0]))) {
        System.out.println("claimed");
        Thread.sleep(Long.MAX_VALUE);
        assertThat(owned).isNotNull();
      }
    }
  }
}
