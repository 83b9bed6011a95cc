package io.flowmeter.cli.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.sql.ReadyQuery;
import org.junit.jupiter.api.Test;

class QueryLibraryTest {

  @Test
  void everyReadyQueryIsListedWithItsQuestionBelowItsReader() {
    String list = QueryLibrary.list();

    assertThat(list.lines()).contains("On call", "Owner of a workflow", "Who deploys", "Operator");
    for (ReadyQuery query : ReadyQuery.all()) {
      assertThat(list).containsPattern("(?m)^  " + query.name() + " +[A-Z]");
      assertThat(list.replaceAll("\\s+", " ")).contains(query.question());
    }
  }

  @Test
  void theListFitsATerminal() {
    assertThat(QueryLibrary.list().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThan(101));
  }

  @Test
  void aSingleWordIsANameAndAllElseIsSql() {
    assertThat(QueryLibrary.isName("status_now")).isTrue();
    assertThat(QueryLibrary.isName(" mttr\n")).isTrue();
    assertThat(QueryLibrary.isName("SELECT 1")).isFalse();
    assertThat(QueryLibrary.named("mttr").sql()).startsWith("-- How long");
  }

  @Test
  void aNameThatIsNoneSaysWhereToLook() {
    assertThatThrownBy(() -> QueryLibrary.named("mtr"))
        .isInstanceOf(QueryException.class)
        .hasMessageContaining("no ready query mtr; did you mean mttr?")
        .hasMessageContaining("--list");
  }
}
