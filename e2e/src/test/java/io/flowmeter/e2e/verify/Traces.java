package io.flowmeter.e2e.verify;

import io.flowmeter.verify.relation.RelationReader;
import io.flowmeter.verify.relation.Row;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Finds words wherever a pipeline keeps something: in its topics, its tables, its files. */
final class Traces {

  private final List<String> words;
  private final Set<String> found = new TreeSet<>();

  Traces(String... words) {
    this.words = List.of(words);
  }

  /** Where something was found, with the word. */
  Set<String> found() {
    return found;
  }

  /** Every record of every topic, the topology's own and dead letters too. */
  void searchTopics(String kafka) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", kafka);
    try (var consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.listTopics().values().stream()
              .flatMap(Collection::stream)
              .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
              .toList();
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (partitions.stream()
          .anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
        consumer.poll(Duration.ofMillis(200)).forEach(this::search);
      }
    }
  }

  private void search(ConsumerRecord<byte[], byte[]> record) {
    String where = "topic " + record.topic();
    search(where, record.key());
    search(where, record.value());
    for (Header header : record.headers()) {
      search(where + " header " + header.key(), header.value());
    }
  }

  /** Every row of every table and view. */
  void searchTables(RelationReader reader) {
    List<Row> tables =
        reader.query(
            // What asks for a range, or sums, holds nothing but what others hold.
            "SELECT name FROM system.tables WHERE database = 'flowmeter'"
                + " AND engine != 'MaterializedView' AND name NOT IN ('runs_between', 'steps_between', 'version_regressions')"
                + " ORDER BY name");
    for (Row table : tables) {
      for (Row row : reader.query("SELECT * FROM `" + table.text("name") + "`")) {
        search("table " + table.text("name"), row.toString());
      }
    }
  }

  /** What somebody was told. */
  void searchText(String where, String text) {
    search(where, text);
  }

  /** Every file, whatever it holds. */
  void searchFiles(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.walk(directory)) {
      all.filter(Files::isRegularFile).forEach(files::add);
    }
    for (Path file : files) {
      search("file " + directory.relativize(file), Files.readAllBytes(file));
    }
  }

  private void search(String where, byte[] bytes) {
    if (bytes != null) {
      // Latin 1 keeps every byte, so that text is found between others.
      search(where, new String(bytes, StandardCharsets.ISO_8859_1));
    }
  }

  private void search(String where, String text) {
    words.stream()
        .filter(text::contains)
        .forEach(word -> found.add("%s holds %s".formatted(where, word)));
  }
}
