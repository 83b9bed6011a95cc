package io.flowmeter.dev;

import io.flowmeter.cli.CommandException;
import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.doctor.SourceDiagnosis;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.source.ChosenSource;
import io.flowmeter.cli.source.SourceAddress;
import io.flowmeter.ingest.source.ApiFailureException;
import io.flowmeter.ingest.source.SourceNotFoundException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A data directory belongs to one source for good. Before the first start makes it so, the source
 * is asked: a token or an account that is wrong is told at once, and can be corrected.
 */
final class FirstSource {
  private FirstSource() {}

  /**
   * Asks the source, unless the directory belongs to one already, or none is set.
   *
   * @throws CommandException where it does not let this one in, or is none; one that is away or has
   *     trouble of its own is for the poller to wait for
   */
  static void require(Settings settings) throws InterruptedException {
    Path directory = settings.get(Setting.DATA_DIR);
    if (UpDirectory.manifest(directory).isEmpty()
        && ChosenSource.choose(settings, Optional.empty(), directory)
            instanceof ChosenSource.Polled polled) {
      require(SourceAddress.of(polled, settings), polled.account(), settings);
    }
  }

  private static void require(SourceAddress address, String account, Settings settings)
      throws InterruptedException {
    address.requireListening();
    // Checks what can be checked without asking.
    var unused = address.ingest(settings);
    try {
      address.probe(settings);
    } catch (SourceNotFoundException e) {
      throw new CommandException(e.getMessage(), e);
    } catch (ApiFailureException e) {
      if (SourceDiagnosis.needsManualFix(e.failure())) {
        throw new CommandException(
            SourceDiagnosis.of(e.failure(), account, settings.get(Setting.CLOCK).instant()).text(),
            e);
      }
    }
  }
}
