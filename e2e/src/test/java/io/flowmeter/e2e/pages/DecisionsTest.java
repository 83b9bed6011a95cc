package io.flowmeter.e2e.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The decision records are numbered without a gap, alike in form, and all in the index. */
class DecisionsTest {

  private static final List<String> SECTIONS =
      List.of("context", "decision", "consequences", "figures");

  private final List<DocsPage> pages = DocsPage.in(DocsPage.HOME.resolve("docs/adr"), 1);
  private final List<DocsPage> records =
      pages.stream().filter(page -> !page.path().endsWith("README.md")).toList();

  @Test
  void recordsAreNumberedWithoutGap() {
    for (int i = 0; i < records.size(); i++) {
      assertThat(records.get(i).path().getFileName().toString())
          .startsWith("%04d-".formatted(i + 1));
      assertThat(records.get(i).text()).startsWith("# %d. ".formatted(i + 1));
    }
  }

  @Test
  void recordsHaveTheSameSections() {
    assertThat(records)
        .isNotEmpty()
        .allSatisfy(
            page ->
                assertThat(page.anchors().subList(1, page.anchors().size()))
                    .as("sections of %s", page)
                    .isEqualTo(SECTIONS));
  }

  @Test
  void indexListsEveryRecord() {
    DocsPage index = DocsPage.read(DocsPage.HOME.resolve("docs/adr/README.md"));

    assertThat(index.relativeLinks())
        .containsAll(records.stream().map(page -> page.path().getFileName().toString()).toList());
  }
}
