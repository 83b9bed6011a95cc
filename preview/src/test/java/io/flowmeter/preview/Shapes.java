package io.flowmeter.preview;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** Dashboards of tests: one with a panel of each type, and one with what can go wrong. */
final class Shapes {
  private Shapes() {}

  /** The dashboards of the program and these. */
  static DashboardModels andAllPacked() throws IOException {
    return DashboardModels.packed().and(read("shapes.json")).and(read("mistakes.json"));
  }

  /** Statements that put into the tables what must stay text. */
  static List<String> canary() throws IOException {
    try (InputStream file = Shapes.class.getResourceAsStream("canary.sql")) {
      String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      return Stream.of(text.split(";\n")).filter(each -> !each.isBlank()).toList();
    }
  }

  private static DashboardModel read(String name) throws IOException {
    try (InputStream file = Shapes.class.getResourceAsStream(name)) {
      return new DashboardModel(new ObjectMapper().readTree(file));
    }
  }
}
