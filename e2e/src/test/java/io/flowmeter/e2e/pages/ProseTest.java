package io.flowmeter.e2e.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pages have short sentences, and short lines but in tables. */
class ProseTest {

  private static final int WORDS = 25;
  private static final int CHARACTERS = 110;

  private static final Pattern BLOCK = Pattern.compile("\n *\n|\n(?= *(?:- |\\d+\\. ))");
  private static final Pattern NOT_PROSE = Pattern.compile("(?m)^(?:[|#]|\\[[^]]+]: ).*$");
  private static final Pattern SENTENCE_END =
      Pattern.compile("(?<=[.?!])\\s+(?=[\\p{Lu}\\d`\\[*(])");

  static List<DocsPage> pages() {
    return DocsPage.all();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void linesAreShort(DocsPage page) {
    assertThat(NOT_PROSE.matcher(page.prose()).replaceAll("").lines())
        .as("lines of %s with at most %d characters", page, CHARACTERS)
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(CHARACTERS));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void sentencesAreShort(DocsPage page) {
    String prose = NOT_PROSE.matcher(page.prose()).replaceAll("");

    assertThat(BLOCK.splitAsStream(prose).flatMap(SENTENCE_END::splitAsStream))
        .as("sentences of %s with at most %d words", page, WORDS)
        .allSatisfy(sentence -> assertThat(words(sentence)).isLessThanOrEqualTo(WORDS));
  }

  private static long words(String sentence) {
    String read = sentence.replaceAll("]\\([^)]*\\)", "]");
    return Stream.of(read.split("\\s+")).filter(word -> word.matches(".*[\\p{L}\\d].*")).count();
  }
}
