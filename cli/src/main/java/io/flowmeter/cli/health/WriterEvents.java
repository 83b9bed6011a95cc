package io.flowmeter.cli.health;

import io.flowmeter.streams.writer.WriterProgress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line when ClickHouse does not take rows any more, and one when it does again, however often
 * it is tried in between. Used by one thread.
 */
public final class WriterEvents {
  private static final Logger LOG = LoggerFactory.getLogger(WriterEvents.class);

  private final LongSupplier nanoTime;
  private Optional<Long> failingSince = Optional.empty();

  public WriterEvents(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** To be told every now and then how far the writer is. */
  public void look(WriterProgress progress) {
    if (progress.trouble().isPresent() == failingSince.isPresent()) {
      return;
    }
    if (progress.trouble().isPresent()) {
      failingSince = Optional.of(nanoTime.getAsLong());
      LOG.atWarn().addKeyValue("event", "writes_failing").log("{}", progress.trouble().get());
    } else {
      long ms = Duration.ofNanos(nanoTime.getAsLong() - failingSince.orElseThrow()).toMillis();
      failingSince = Optional.empty();
      LOG.atInfo()
          .addKeyValue("event", "writes_recovered")
          .addKeyValue("took_ms", ms)
          .log("rows are written again, after {} ms", ms);
    }
  }
}
