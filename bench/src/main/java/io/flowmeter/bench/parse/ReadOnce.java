package io.flowmeter.bench.parse;

import io.flowmeter.schemas.observation.Step;
import java.io.IOException;
import java.util.List;

/** A process that reads one long detail, or dies for want of memory. */
final class ReadOnce {
  private ReadOnce() {}

  /**
   * @param args way, steps, KiB of output
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    LongDetail detail = new LongDetail(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    try (DetailReader reader = DetailReader.Way.valueOf(args[0]).reader()) {
      List<Step> steps = reader.read(detail.body());
      if (steps.size() != detail.steps()) {
        throw new IllegalStateException(
            "expected " + detail.steps() + " steps, came " + steps.size());
      }
    }
  }
}
