package io.flowmeter.preview;

import io.flowmeter.http.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The page's own files, and the charting library out of its jar. */
final class HtmlPage {
  private static final Pattern OWN = Pattern.compile("/page/((?:[a-z]+/)?[a-z-]+\\.(js|css|svg))");
  private static final String LIBRARY = "/lib/echarts.js";

  /** As in the root's pom.xml. */
  private static final String LIBRARY_VERSION = "5.5.0";

  private static final Map<String, String> TYPES =
      Map.of(
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml");

  private HtmlPage() {}

  /** The one document, which finds in its address what to show. */
  static Response document() {
    return file("index.html", "text/html; charset=utf-8").orElseThrow();
  }

  /** A file that the document names; empty where there is none of that path. */
  static Optional<Response> file(String path) {
    if (path.equals(LIBRARY)) {
      return resource(
              "/META-INF/resources/webjars/echarts/" + LIBRARY_VERSION + "/echarts.esm.min.js",
              TYPES.get("js"))
          .map(file -> file.with("Cache-Control", "max-age=86400"));
    }
    var own = OWN.matcher(path);
    return own.matches() ? file(own.group(1), TYPES.get(own.group(2))) : Optional.empty();
  }

  private static Optional<Response> file(String name, String type) {
    return resource("page/" + name, type).map(file -> file.with("Cache-Control", "no-cache"));
  }

  private static Optional<Response> resource(String name, String type) {
    try (InputStream file = HtmlPage.class.getResourceAsStream(name)) {
      return file == null
          ? Optional.empty()
          : Optional.of(Response.of(200, type, file.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read", e);
    }
  }
}
