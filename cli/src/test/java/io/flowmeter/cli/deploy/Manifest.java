package io.flowmeter.cli.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * A document of a YAML file, anchors and merged keys resolved, with every value that is no map or
 * list by its path, such as {@code services/kafka/image} or {@code spec/containers/0/image}.
 *
 * @param content the document as maps, lists and values
 */
record Manifest(Path file, Map<String, Object> content) {

  static final Path FOLDER = Path.of(System.getProperty("flowmeter.home"), "deploy");

  static Manifest compose() {
    return read(FOLDER.resolve("compose.yaml")).get(0);
  }

  /** Every document of deploy/kubernetes. */
  static List<Manifest> kubernetes() {
    try (Stream<Path> files = Files.list(FOLDER.resolve("kubernetes"))) {
      return files.sorted().flatMap(file -> read(file).stream()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Manifest> read(Path file) {
    List<Manifest> documents = new ArrayList<>();
    try {
      Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
      for (Object document : yaml.loadAll(Files.readString(file))) {
        documents.add(new Manifest(file, map(document)));
      }
      return documents;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is at a path, as a map; empty where there is none. */
  Map<String, Object> at(String path) {
    Object found = content;
    for (String key : path.split("/")) {
      found =
          found instanceof List<?> list
              ? list.get(Integer.parseInt(key))
              : map(found).getOrDefault(key, Map.of());
    }
    return map(found);
  }

  Map<String, String> values() {
    Map<String, String> values = new TreeMap<>();
    collect("", content, values);
    return values;
  }

  /** Kubernetes' kind and name, else the file's. */
  @Override
  public String toString() {
    return content.getOrDefault("kind", file.getFileName()) + " " + at("metadata").get("name");
  }

  private static void collect(String path, Object value, Map<String, String> values) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, each) -> collect(path + "/" + key, each, values));
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        collect(path + "/" + i, list.get(i), values);
      }
    } else {
      values.put(path.substring(1), String.valueOf(value));
    }
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  static List<Object> list(Object value) {
    return (List<Object>) value;
  }
}
