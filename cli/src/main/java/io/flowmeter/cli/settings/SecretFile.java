package io.flowmeter.cli.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.TreeSet;

/** Files that hold a secret: their owner alone may read them. */
public final class SecretFile {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private SecretFile() {}

  /**
   * The secret in the file, without surrounding white space.
   *
   * @throws SettingsException where others may read the file, or it cannot be read, or is empty
   */
  public static String read(Path file) {
    requireOwnerOnly(file);
    try {
      String secret = Files.readString(file).strip();
      if (secret.isEmpty()) {
        throw new SettingsException("expected a secret in " + file + ", but it is empty");
      }
      return secret;
    } catch (IOException e) {
      throw new SettingsException("expected a secret in " + file + ", but cannot read it: " + e, e);
    }
  }

  /**
   * Makes the file with mode 0600 from its first byte on.
   *
   * @throws IOException where it exists already or cannot be written
   */
  public static void create(Path file, String secret) throws IOException {
    Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    Files.writeString(file, secret + "\n");
  }

  /**
   * @throws SettingsException where group or others may read or write the file
   */
  static void requireOwnerOnly(Path file) {
    try {
      Set<PosixFilePermission> open = new TreeSet<>(Files.getPosixFilePermissions(file));
      open.removeAll(PosixFilePermissions.fromString("rwx------"));
      if (!open.isEmpty()) {
        throw new SettingsException(
            "expected "
                + file
                + ", which holds a secret, to be its owner's alone, but others have "
                + open
                + ": chmod 600 '"
                + file
                + "'");
      }
    } catch (IOException e) {
      throw new SettingsException("cannot read " + file + ": " + e, e);
    }
  }
}
