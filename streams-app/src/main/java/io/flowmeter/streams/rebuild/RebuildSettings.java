package io.flowmeter.streams.rebuild;

import io.flowmeter.sql.MigrationSettings;
import io.flowmeter.streams.StreamSettings;
import java.time.Duration;

/**
 * How a rebuild is done.
 *
 * @param stream how the topology runs, in whatever generation; the state directory holds what the
 *     rebuild needs for itself, too
 * @param schema the schema of the tables
 * @param swaps whether what was derived takes the place of what is in use; else it is only compared
 * @param skipsUnprocessable whether observations that cannot be processed are left out, and not a
 *     reason to refuse
 * @param goesOnWithoutDropped whether it is no reason to refuse that a table is missing from which
 *     minutes of runs that are carried over would be recounted
 * @param leftWithin how long is waited for those who stream to leave their groups; a process that
 *     was killed is a member until its session ends, after 45 s
 */
public record RebuildSettings(
    StreamSettings stream,
    MigrationSettings schema,
    boolean swaps,
    boolean skipsUnprocessable,
    boolean goesOnWithoutDropped,
    Duration leftWithin) {

  /** The defaults: a rebuild that swaps and skips nothing. */
  public static RebuildSettings of(StreamSettings stream, MigrationSettings schema) {
    return new RebuildSettings(stream, schema, true, false, false, Duration.ofSeconds(60));
  }

  /** The same that only compares. */
  public RebuildSettings comparing() {
    return new RebuildSettings(
        stream, schema, false, skipsUnprocessable, goesOnWithoutDropped, leftWithin);
  }

  /** The same that leaves observations out that cannot be processed. */
  public RebuildSettings skipping() {
    return new RebuildSettings(stream, schema, swaps, true, goesOnWithoutDropped, leftWithin);
  }

  /** The same that goes on without what a dropped table held. */
  public RebuildSettings withoutDropped() {
    return new RebuildSettings(stream, schema, swaps, skipsUnprocessable, true, leftWithin);
  }

  /** The same with other patience. */
  public RebuildSettings leftWithin(Duration other) {
    return new RebuildSettings(
        stream, schema, swaps, skipsUnprocessable, goesOnWithoutDropped, other);
  }
}
