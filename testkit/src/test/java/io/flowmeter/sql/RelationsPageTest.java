package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who asks the relations finds each of their columns explained. */
class RelationsPageTest {

  private static final String OF_MANY = "In many relations";

  @Test
  void everyColumnOfEveryRelationIsExplained() throws IOException {
    String page =
        Files.readString(Path.of(System.getProperty("flowmeter.home"), "docs/relations.md"));
    List<String> sections = List.of(page.split("(?m)^## "));

    for (Map.Entry<String, String> relation : RelationColumns.CONTRACT.entrySet()) {
      assertThat(sections)
          .as(relation.getKey())
          .anySatisfy(
              section -> {
                assertThat(section).contains("`" + relation.getKey() + "`");
                for (String column : relation.getValue().split(", ")) {
                  assertThat(section + manyHave(sections)).contains("`" + column + "`");
                }
              });
    }
  }

  private static String manyHave(List<String> sections) {
    return sections.stream().filter(each -> each.startsWith(OF_MANY)).findFirst().orElseThrow();
  }
}
