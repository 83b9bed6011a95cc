package io.flowmeter.cli.doctor;

import static io.flowmeter.cli.doctor.Finding.absent;
import static io.flowmeter.cli.doctor.Finding.fine;
import static io.flowmeter.cli.doctor.Finding.wrong;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Where {@code stream} keeps its stores, and whether there is room for more. */
final class StateDirectory {
  private static final String SUBJECT = "state directory";
  private static final double FREE_SHARE = 0.05;
  private static final long LEAST = 512L << 20;

  private StateDirectory() {}

  static Finding of(Path directory) {
    if (!Files.exists(directory)) {
      return absent(SUBJECT, directory + " is not there yet; flowmeter stream or up makes it");
    }
    if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
      return wrong(
          SUBJECT,
          "%s is %s"
              .formatted(
                  directory,
                  Files.isDirectory(directory) ? "not writable by this user" : "no directory"),
          "Give it to the user that runs Flowmeter, or set stream.state.dir; stores are read anew from Kafka where it is empty");
    }
    try {
      FileStore store = Files.getFileStore(directory);
      return of(directory, store.getUsableSpace(), store.getTotalSpace());
    } catch (IOException e) {
      return wrong(SUBJECT, "%s cannot be looked at: %s".formatted(directory, e.getMessage()));
    }
  }

  /** What is to be said of so many bytes that are free, of so many. */
  static Finding of(Path directory, long free, long all) {
    String room =
        String.format(
            Locale.ROOT,
            "%s has %.1f GiB free (%.0f %%)",
            directory,
            free / (double) (1L << 30),
            all == 0 ? 0 : 100.0 * free / all);
    return free < LEAST || free < all * FREE_SHARE
        ? wrong(
            SUBJECT,
            room + ": nearly full",
            "Make room, or set stream.state.dir to a larger disk and start again: stores are read anew from Kafka")
        : fine(SUBJECT, room);
  }
}
