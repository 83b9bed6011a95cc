package io.flowmeter.e2e;

import io.flowmeter.cli.console.ProgressListener;
import java.util.List;

/**
 * Keeps what is said.
 *
 * @param lines thread-safe, if more than one thread speaks
 */
public record RecordedProgress(List<String> lines) implements ProgressListener {
  @Override
  public void onProgress(String line) {
    lines.add(line);
  }

  @Override
  public void warn(String line) {
    lines.add(line);
  }
}
