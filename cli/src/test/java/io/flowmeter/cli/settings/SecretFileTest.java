package io.flowmeter.cli.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretFileTest {
  private static final String SECRET = "s3cr3t-token";

  @TempDir Path directory;

  private Path file(String mode) throws IOException {
    Path file = Files.writeString(directory.resolve("token"), SECRET + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-------", "r--------"})
  void aFileThatOnlyItsOwnerReadsIsTaken(String mode) throws IOException {
    assertThat(SecretFile.read(file(mode))).isEqualTo(SECRET);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-r--r--", "rwx-----x"})
  void aFileThatIsOpenToOthersIsRefused(String mode) throws IOException {
    Path file = file(mode);
    assertThatThrownBy(() -> SecretFile.read(file))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("chmod 600")
        .hasMessageNotContaining(SECRET);
  }

  @Test
  void whatIsNotThereOrIsNoFileIsSaidToBeSo() throws IOException {
    assertThatThrownBy(() -> SecretFile.read(directory.resolve("absent")))
        .isInstanceOf(SettingsException.class)
        .hasMessageEndingWith("absent, came none");
    Path folder =
        Files.createDirectory(
            directory.resolve("folder"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    assertThatThrownBy(() -> SecretFile.read(folder))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("which is none");
  }

  @Test
  void anEmptyFileIsRefused() throws IOException {
    Path file = Files.writeString(file("rw-------"), "\n");
    assertThatThrownBy(() -> SecretFile.read(file))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("it is empty");
  }

  @Test
  void whatRootLendsToAnotherUserItsGroupMayReadAndNobodyElse() {
    assertThat(openTo("r--r-----", "root", "flowmeter")).isEmpty();
    assertThat(openTo("r--r-----", "root", "?")).isEmpty();
    assertThat(openTo("r--r-----", "root", "root")).hasSize(1);
    assertThat(openTo("r--r-----", "flowmeter", "flowmeter")).hasSize(1);
    assertThat(openTo("rw-rw-r--", "root", "flowmeter"))
        .containsExactlyInAnyOrder(
            PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_READ);
  }

  private static Set<PosixFilePermission> openTo(String mode, String owner, String user) {
    return SecretFile.openTo(PosixFilePermissions.fromString(mode), owner, user);
  }

  @Test
  void aFileThatNobodyMayReadIsNotOpenToOthers() throws IOException {
    Path file = file("---------");
    assertThatCode(() -> SecretFile.requireOwnerOnly(file)).doesNotThrowAnyException();
  }
}
