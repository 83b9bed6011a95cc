package io.flowmeter.cli.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.TreeSet;

/**
 * Files that hold a secret: their owner alone may read them. One that root lends to a user, as
 * Kubernetes does with a mounted secret, its group may read, for else that user could not.
 */
public final class SecretFile {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  /** By its name, or by its number where no name is known. */
  private static final Set<String> ROOT = Set.of("root", "0");

  private SecretFile() {}

  /**
   * The secret in the file, without surrounding white space.
   *
   * @throws SettingsException where others may read the file, or it cannot be read, or is empty
   */
  public static String read(Path file) {
    requireOwnerOnly(file);
    if (!Files.isRegularFile(file)) {
      throw new SettingsException(
          "expected a file with a secret at %s, which is none: it is read more than once, as a pipe cannot be"
              .formatted(file));
    }
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
   * @throws SettingsException where others may read or write the file
   */
  static void requireOwnerOnly(Path file) {
    try {
      PosixFileAttributes found = Files.readAttributes(file, PosixFileAttributes.class);
      Set<PosixFilePermission> open =
          openTo(found.permissions(), found.owner().getName(), System.getProperty("user.name"));
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
    } catch (NoSuchFileException e) {
      throw new SettingsException("expected a file with a secret at " + file + ", came none", e);
    } catch (IOException e) {
      throw new SettingsException("cannot read " + file + ": " + e, e);
    }
  }

  /** What others than the owner may do with a file, and ought not to. */
  static Set<PosixFilePermission> openTo(
      Set<PosixFilePermission> permissions, String owner, String user) {
    Set<PosixFilePermission> open = new TreeSet<>(permissions);
    open.removeAll(PosixFilePermissions.fromString("rwx------"));
    if (ROOT.contains(owner) && !ROOT.contains(user)) {
      open.remove(PosixFilePermission.GROUP_READ);
    }
    return open;
  }
}
