package io.flowmeter.e2e.pages;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A Markdown file of the repository. */
record DocsPage(Path path, String text) {

  static final Path HOME = Path.of(System.getProperty("flowmeter.home")).toAbsolutePath();

  private static final Pattern CODE_BLOCK =
      Pattern.compile("^ *```.*?^ *```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern CODE = Pattern.compile("`[^`\n]*`");
  private static final Pattern LINK =
      Pattern.compile("](?:\\(([^)\\s]+)\\)|: +(\\S+)$)", Pattern.MULTILINE);
  private static final Pattern HEADING = Pattern.compile("^#+ +(.+)$", Pattern.MULTILINE);
  private static final Pattern LINK_WITH_TEXT = Pattern.compile("\\[([^]]*)]\\([^)]*\\)");

  /** The pages of the root, of each module, and of the folder {@code docs}. */
  static List<DocsPage> all() {
    List<DocsPage> pages = new ArrayList<>(in(HOME, 1));
    modules().forEach(module -> pages.addAll(in(module, 1)));
    pages.addAll(in(HOME.resolve("docs"), Integer.MAX_VALUE));
    return pages;
  }

  /**
   * The folders of modules. Nothing below is visited, since other modules may be built just now.
   */
  static List<Path> modules() {
    return folders(HOME).stream()
        .filter(folder -> Files.exists(folder.resolve("pom.xml")))
        .toList();
  }

  static List<Path> folders(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the folders of " + folder, e);
    }
  }

  static List<DocsPage> in(Path folder, int depth) {
    try (Stream<Path> files = Files.walk(folder, depth)) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .map(DocsPage::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the pages of " + folder, e);
    }
  }

  static DocsPage read(Path file) {
    try {
      return new DocsPage(file, Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the page " + file, e);
    }
  }

  /** The text without its blocks of code. */
  String prose() {
    return CODE_BLOCK.matcher(text).replaceAll("");
  }

  /** Targets of links that stay in the repository, as they are written. */
  List<String> relativeLinks() {
    return LINK.matcher(CODE.matcher(prose()).replaceAll(""))
        .results()
        .map(link -> link.group(1) == null ? link.group(2) : link.group(1))
        .filter(target -> !target.matches("[a-z]+:.*"))
        .toList();
  }

  /** The file or folder that a relative link points to. */
  Path target(String link) {
    String file = link.replaceFirst("#.*", "");
    return file.isEmpty() ? path : path.resolveSibling(file).normalize();
  }

  /** Names of the headings as links use them: lower case, with hyphens for spaces. */
  List<String> anchors() {
    return HEADING
        .matcher(prose())
        .results()
        .map((MatchResult heading) -> LINK_WITH_TEXT.matcher(heading.group(1)).replaceAll("$1"))
        .map(heading -> heading.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", ""))
        .map(heading -> heading.strip().replace(' ', '-'))
        .toList();
  }

  @Override
  public String toString() {
    return HOME.relativize(path).toString();
  }
}
