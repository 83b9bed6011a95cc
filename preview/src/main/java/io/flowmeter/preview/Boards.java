package io.flowmeter.preview;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.flowmeter.dashboards.Dashboard;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** The dashboards that are packed with the program. */
final class Boards {
  private static final String FOLDER = "grafana";
  private static final String SUFFIX = ".json";

  private final Map<String, Board> byUid = new LinkedHashMap<>();

  private Boards(List<Board> boards) {
    boards.forEach(board -> byUid.put(board.uid(), board));
  }

  /** All of the class path, by their files' names. */
  static Boards packed() {
    URL folder = Dashboard.class.getResource(FOLDER);
    if (folder == null) {
      throw new IllegalStateException(
          "expected dashboards beside " + Dashboard.class + ", found none");
    }
    try {
      List<Board> boards = new ArrayList<>();
      for (String name : names(folder)) {
        boards.add(read(name));
      }
      return new Boards(boards);
    } catch (IOException e) {
      throw new UncheckedIOException("the dashboards cannot be read", e);
    }
  }

  /** These and one more. */
  Boards and(Board board) {
    List<Board> all = new ArrayList<>(byUid.values());
    all.add(board);
    return new Boards(all);
  }

  private static Board read(String name) throws IOException {
    try (InputStream file = Dashboard.class.getResourceAsStream(FOLDER + "/" + name)) {
      return new Board(new ObjectMapper().readTree(file));
    }
  }

  private static List<String> names(URL folder) throws IOException {
    if (folder.openConnection() instanceof JarURLConnection jar) {
      String prefix = jar.getEntryName() + (jar.getEntryName().endsWith("/") ? "" : "/");
      return jar.getJarFile().stream()
          .map(ZipEntry::getName)
          .filter(name -> name.startsWith(prefix) && name.endsWith(SUFFIX))
          .map(name -> name.substring(prefix.length()))
          .sorted()
          .toList();
    }
    try (Stream<Path> files = Files.list(Path.of(URI.create(folder.toURI().toString())))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .sorted()
          .toList();
    } catch (URISyntaxException e) {
      throw new IOException("not a folder: " + folder, e);
    }
  }

  Board get(String uid) {
    Board board = byUid.get(uid);
    if (board == null) {
      throw Refused.unknown(
          "expected one of the dashboards %s, came %s".formatted(byUid.keySet(), uid));
    }
    return board;
  }

  /** What there is to choose from: uid, title and description of each. */
  JsonNode list() {
    ArrayNode list = new ObjectMapper().createArrayNode();
    byUid
        .values()
        .forEach(
            board ->
                list.addObject()
                    .put("uid", board.uid())
                    .put("title", board.title())
                    .put("description", board.description()));
    return list;
  }
}
