package io.flowmeter.e2e.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A link within the repository leads to a file, and to a heading if it names one. */
class LinksTest {

  static List<DocsPage> pages() {
    return DocsPage.all();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void relativeLinksResolve(DocsPage page) {
    for (String link : page.relativeLinks()) {
      assertThat(page.target(link)).as("%s links to %s", page, link).exists();
      int anchor = link.indexOf('#');
      if (anchor >= 0 && Files.isRegularFile(page.target(link))) {
        assertThat(DocsPage.read(page.target(link)).anchors())
            .as("headings that %s links to by %s", page, link)
            .contains(link.substring(anchor + 1));
      }
    }
  }
}
