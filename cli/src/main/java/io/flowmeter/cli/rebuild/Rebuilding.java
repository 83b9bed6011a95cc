package io.flowmeter.cli.rebuild;

import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.cli.migrate.BackendMigration;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.sql.RebuiltTables.Difference;
import io.flowmeter.streams.rebuild.Rebuild;
import io.flowmeter.streams.rebuild.RebuildException;
import io.flowmeter.streams.rebuild.RebuildListener;
import io.flowmeter.streams.rebuild.RebuildResult;
import io.flowmeter.streams.rebuild.RebuildSettings;
import java.util.Locale;
import java.util.Optional;

/**
 * A rebuild, told line by line.
 *
 * @param swaps whether what was derived takes the place of what is in use
 * @param skips whether observations that cannot be processed are left out
 * @param withoutDropped whether it goes on without what a dropped table of facts held
 */
public record Rebuilding(
    Settings settings,
    ProgressListener progress,
    boolean swaps,
    boolean skips,
    boolean withoutDropped) {

  /**
   * Rebuilds what the settings name, or what is in their data directory.
   *
   * @throws RebuildException where it is refused
   */
  public void run() throws InterruptedException {
    try (Servers servers = Servers.open(settings);
        SchemaRegistry registry = servers.backends().registry()) {
      Optional<RebuildResult> result =
          Rebuild.run(how(servers), registry, servers.backends().writer(), new Progress(progress));
      progress.live("");
      result.ifPresent(this::print);
    }
  }

  private RebuildSettings how(Servers servers) {
    RebuildSettings how =
        RebuildSettings.of(
            servers.backends().streamSettingsOfAnyGeneration(servers.kafka()),
            BackendMigration.schema(settings));
    how = swaps ? how : how.comparing();
    how = skips ? how.skipping() : how;
    return withoutDropped ? how.withoutDropped() : how;
  }

  private void print(RebuildResult result) {
    progress.onProgress(
        "%s runs derived anew, %s carried over%s"
            .formatted(
                number(result.derived()),
                number(result.carried()),
                result.skipped() == 0
                    ? ""
                    : ", " + number(result.skipped()) + " observations left out"));
    progress.onProgress("");
    progress.onProgress(
        "  %-20s %12s %10s %10s %10s".formatted("derived", "rows", "new", "other", "gone"));
    for (Difference each : result.differences()) {
      progress.onProgress(
          "  %-20s %12s %10s %10s %10s"
              .formatted(
                  each.relation(),
                  number(each.rows()),
                  number(each.added()),
                  number(each.changed()),
                  number(each.gone())));
    }
    progress.onProgress("");
    progress.onProgress(
        result.swapped()
            ? "In use now. Start flowmeter stream or up again: it goes on from there."
            : "Nothing was changed: this was a dry run.");
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Lines as they come, and what is going on in a line of its own. */
  private record Progress(ProgressListener progress) implements RebuildListener {
    @Override
    public void onProgress(String line) {
      progress.onProgress(line);
    }

    @Override
    public void working(String what, long done, long all) {
      progress.live(
          all == 0 ? "  " + what : "  %s: %s of %s".formatted(what, number(done), number(all)));
    }
  }
}
