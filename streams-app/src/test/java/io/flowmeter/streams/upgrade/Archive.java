package io.flowmeter.streams.upgrade;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A directory in one file, packed as a whole: of thousands of small files an archive that packs
 * each would be twice as large. Each entry is its kind, its path and what it holds or points to; an
 * empty kind ends them.
 */
final class Archive {
  private static final String DIRECTORY = "directory";
  private static final String FILE = "file";
  private static final String LINK = "link";
  private static final String END = "";

  private Archive() {}

  /** Packs what the filter lets through, by paths relative to the directory. */
  static void pack(Path directory, Predicate<Path> filter, Path file) throws IOException {
    try (DataOutputStream out =
            new DataOutputStream(new GZIPOutputStream(Files.newOutputStream(file)));
        Stream<Path> all = Files.walk(directory)) {
      List<Path> sorted = all.filter(each -> filter.test(directory.relativize(each))).toList();
      for (Path each : sorted.stream().sorted().toList()) {
        boolean link = Files.isSymbolicLink(each);
        boolean holdsOthers = !link && Files.isDirectory(each);
        out.writeUTF(link ? LINK : holdsOthers ? DIRECTORY : FILE);
        out.writeUTF(directory.relativize(each).toString());
        if (link) {
          out.writeUTF(Files.readSymbolicLink(each).toString());
        } else if (!holdsOthers) {
          byte[] bytes = Files.readAllBytes(each);
          out.writeInt(bytes.length);
          out.write(bytes);
        }
      }
      out.writeUTF(END);
    }
  }

  static void unpack(Path file, Path directory) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new GZIPInputStream(Files.newInputStream(file)))) {
      for (String kind = in.readUTF(); !kind.equals(END); kind = in.readUTF()) {
        Path path = directory.resolve(in.readUTF());
        switch (kind) {
          case DIRECTORY -> Files.createDirectories(path);
          case LINK -> Files.createSymbolicLink(path, Path.of(in.readUTF()));
          case FILE -> Files.write(path, in.readNBytes(in.readInt()));
          default -> throw new IOException("expected an entry of " + file + ", came " + kind);
        }
      }
    }
  }
}
