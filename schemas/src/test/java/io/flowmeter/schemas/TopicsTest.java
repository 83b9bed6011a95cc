package io.flowmeter.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TopicsTest {

  static Stream<Topic<?>> relations() {
    return Topics.OF_RELATIONS.stream();
  }

  @ParameterizedTest
  @MethodSource("relations")
  void everyRelationCanBeUpsertedAndDeleted(Topic<?> topic) {
    assertThat(topic.schema().getField("revision").schema().getType()).isEqualTo(Schema.Type.LONG);
    assertThat(topic.schema().getField("deleted").schema().getType())
        .isEqualTo(Schema.Type.BOOLEAN);
  }

  @ParameterizedTest
  @MethodSource("relations")
  void fieldsAreNamedLikeColumns(Topic<?> topic) {
    assertThat(topic.schema().getFields())
        .allSatisfy(field -> assertThat(field.name()).matches("[a-z][a-z0-9_]*"));
  }

  @Test
  void everyTopicIsDocumented() {
    assertThat(Topics.ALL).allSatisfy(topic -> assertThat(topic.doc()).isPresent());
  }

  @Test
  void namesAreUnique() {
    assertThat(Topics.ALL).extracting(Topic::name).doesNotHaveDuplicates();
    assertThat(Topics.ALL).containsAll(Topics.OF_INGEST).containsAll(Topics.OF_RELATIONS);
  }
}
