package io.flowmeter.e2e.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The change log knows the version that is built. */
class ChangelogTest {

  private static final Pattern VERSION =
      Pattern.compile("<artifactId>flowmeter-parent</artifactId>\\s*<version>([^<]+)</version>");

  @Test
  void versionOfTheBuildHasASection() throws Exception {
    Matcher version = VERSION.matcher(Files.readString(DocsPage.HOME.resolve("pom.xml")));
    assertThat(version.find()).as("the version in pom.xml").isTrue();
    String section =
        version.group(1).endsWith("-SNAPSHOT") ? "Unreleased" : "[%s]".formatted(version.group(1));

    assertThat(Files.readString(DocsPage.HOME.resolve("CHANGELOG.md")).lines())
        .filteredOn(line -> line.startsWith("## "))
        .anyMatch(line -> line.contains(section))
        .first()
        .isEqualTo("## [Unreleased]");
  }
}
