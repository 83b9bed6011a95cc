package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiTokenTest {
  private static final String SECRET = "s3cr3t-token";

  @TempDir Path directory;

  private Path file(String mode) throws IOException {
    Path file = Files.writeString(directory.resolve("token"), SECRET + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-------", "r--------"})
  void aFileThatOnlyItsOwnerReadsIsTaken(String mode) throws IOException {
    assertThat(ApiToken.fromFile(file(mode)).authorization()).isEqualTo("Bearer " + SECRET);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-r--r--", "rwx-----x"})
  void aFileThatIsOpenToOthersIsRefused(String mode) throws IOException {
    Path file = file(mode);
    assertThatThrownBy(() -> ApiToken.fromFile(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has mode " + mode)
        .hasMessageContaining("chmod 600")
        .hasMessageNotContaining(SECRET);
  }

  @Test
  void theEnvironmentMayHoldIt() {
    assertThat(ApiToken.fromEnvironment(Map.of("CLOUDFLARE_API_TOKEN", SECRET))).isPresent();
    assertThat(ApiToken.fromEnvironment(Map.of("CLOUDFLARE_API_TOKEN", " "))).isEmpty();
    assertThat(ApiToken.fromEnvironment(Map.of())).isEmpty();
  }

  @Test
  void printedItIsMasked() {
    assertThat(ApiToken.of(SECRET)).hasToString("********");
    assertThat(String.valueOf(java.util.Optional.of(ApiToken.of(SECRET)))).doesNotContain(SECRET);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "two words", "line\r\nX-Evil: 1", "ünicode"})
  void whatIsNoTokenIsRefusedWithoutBeingQuoted(String text) {
    assertThatThrownBy(() -> ApiToken.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("expected an API token")
        .hasMessageNotContaining("Evil");
  }
}
