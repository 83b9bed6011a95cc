package io.flowmeter.simulator.fleet;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Names of instances. */
final class Ids {
  private static final DateTimeFormatter CRON_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /** The length that the longest ids made from schedules reach. */
  static final int LONGEST = 271;

  private Ids() {}

  static String of(WorkflowModel model, long seed, int workflow, long number, Instant createdOn) {
    return switch (model.ids()) {
      case UUID -> SeededRandom.of(seed, workflow, number, 20).uuid();
      case BUSINESS_KEY -> {
        // A bijection of the number: no two alike.
        long key = SeededRandom.mix(number ^ SeededRandom.mix(seed + workflow));
        yield model.name().substring(0, model.name().indexOf('-'))
            + "-"
            + Long.toUnsignedString(key, 36);
      }
      case CRON -> cron(model, seed, workflow, number, createdOn);
    };
  }

  private static String cron(
      WorkflowModel model, long seed, int workflow, long number, Instant createdOn) {
    if (!(model.rhythm() instanceof WorkflowModel.Rhythm.Cron cron)) {
      throw new IllegalArgumentException(
          model.name() + ": ids of style CRON need a rhythm of cron, came " + model.rhythm());
    }
    String tail = " @ " + CRON_TIME.format(createdOn);
    String expression = cron.expression();
    // Now and then somebody lists every minute.
    if (SeededRandom.of(seed, workflow, number, 21).happens(0.25)) {
      StringBuilder minutes = new StringBuilder("0");
      int room = LONGEST - tail.length() - " */1 * * MON-FRI#2".length();
      for (int minute = 1; minutes.length() < room; minute++) {
        minutes.append(',').append(minute % 60);
      }
      minutes.setLength(room);
      expression = minutes + " */1 * * MON-FRI#2";
    }
    return expression + tail;
  }
}
