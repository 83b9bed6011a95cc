package io.flowmeter.e2e.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.cli.console.ProgressListener;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The page of metrics of a simulated day, as it is when the day is over and polling goes on. */
final class Metrics implements ProgressListener {
  private static final Pattern URL = Pattern.compile("http://[0-9.:]+/metrics");

  private final AtomicReference<Optional<URI>> url = new AtomicReference<>(Optional.empty());
  private final AtomicReference<String> page = new AtomicReference<>("");

  @Override
  public void onProgress(String line) {
    Matcher found = URL.matcher(line);
    if (found.find()) {
      url.set(Optional.of(URI.create(found.group())));
    }
    if (line.startsWith("The day is over")) {
      page.set(read(url.get().orElseThrow()));
    }
  }

  @Override
  public void warn(String line) {}

  /** The page. */
  String page() {
    assertThat(page.get()).contains("flowmeter_requests_total");
    return page.get();
  }

  private static String read(URI url) {
    try (InputStream page = url.toURL().openStream()) {
      return new String(page.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
