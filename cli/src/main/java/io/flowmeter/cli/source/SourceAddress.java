package io.flowmeter.cli.source;

import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.IngestSettings;
import io.flowmeter.ingest.budget.Budget;
import io.flowmeter.ingest.budget.Priority;
import io.flowmeter.ingest.privacy.InstanceIds;
import io.flowmeter.ingest.source.ApiFailure;
import io.flowmeter.ingest.source.ApiFailureException;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.ApiToken;
import io.flowmeter.ingest.source.ListedWorkflow;
import io.flowmeter.ingest.source.ResponsePage;
import io.flowmeter.ingest.source.Source;
import io.flowmeter.ingest.source.SourceDetector;
import io.flowmeter.ingest.source.SourceNotFoundException;
import io.flowmeter.ingest.source.SourceSettings;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where to poll, as whom.
 *
 * @param account empty for the local runtime, which has none
 * @param token empty for the local runtime, which wants none
 * @param interval between sweeps where none is set; empty for the source's own
 * @param accounts that are polled with the same token, and divide its share among them
 */
public record SourceAddress(
    URI url,
    Optional<String> account,
    Optional<String> token,
    Optional<Duration> interval,
    int accounts) {

  /** The pace of production, though the simulator is on loopback. */
  private static final Duration INTERVAL_OF_SIMULATOR = Duration.ofSeconds(10);

  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int CONNECT_MS = 2_000;
  private static final Duration ASK_WITHIN = Duration.ofSeconds(5);

  /** The built-in simulator, which is polled as production is. */
  public static SourceAddress ofSimulator(URI url, String account, String token) {
    return new SourceAddress(
        url, Optional.of(account), Optional.of(token), Optional.of(INTERVAL_OF_SIMULATOR), 1);
  }

  /**
   * An API that the settings lead to, of one account.
   *
   * @throws SettingsException where they name several
   */
  public static SourceAddress of(ChosenSource.Polled polled, Settings settings) {
    List<SourceAddress> all = all(polled, settings);
    if (all.size() > 1) {
      throw new SettingsException(
          "expected one account in account.id, came %d: `flowmeter ingest` polls several in one process"
              .formatted(all.size()));
    }
    return all.get(0);
  }

  /** An API that the settings lead to, for each of its accounts. */
  public static List<SourceAddress> all(ChosenSource.Polled polled, Settings settings) {
    List<String> accounts = Settings.accounts(polled.accountId().orElse(""));
    if (accounts.isEmpty()) {
      return List.of(
          new SourceAddress(polled.url(), Optional.empty(), token(settings), Optional.empty(), 1));
    }
    Map<String, Optional<String>> tokens = new LinkedHashMap<>();
    accounts.forEach(account -> tokens.put(account, token(settings.ofAccount(account))));
    return accounts.stream()
        .map(
            account ->
                new SourceAddress(
                    polled.url(),
                    Optional.of(account),
                    tokens.get(account),
                    Optional.empty(),
                    Collections.frequency(tokens.values(), tokens.get(account))))
        .toList();
  }

  private static Optional<String> token(Settings settings) {
    return settings.secret(Setting.API_TOKEN, Setting.API_TOKEN_FILE);
  }

  /**
   * In which form ids of instances are told.
   *
   * @throws SettingsException where the key is too short
   */
  public static InstanceIds ids(Settings settings) {
    try {
      return settings
          .secret(Setting.PRIVACY_IDS_KEY, Setting.PRIVACY_IDS_KEY_FILE)
          .map(InstanceIds::hashed)
          .orElse(InstanceIds.KEPT);
    } catch (IllegalArgumentException e) {
      throw new SettingsException(Setting.PRIVACY_IDS_KEY.name() + ": " + e.getMessage(), e);
    }
  }

  /** The poller's settings. */
  public IngestSettings ingest(Settings settings) {
    try {
      IngestSettings.Builder ingest =
          IngestSettings.of(url)
              .requestLimit(settings.get(Setting.INGEST_REQUEST_LIMIT))
              .requestShare(settings.get(Setting.INGEST_REQUEST_SHARE) / accounts)
              .concurrency(settings.get(Setting.INGEST_CONCURRENCY))
              .errors(settings.get(Setting.PRIVACY_ERRORS))
              .ids(ids(settings))
              .clock(settings.get(Setting.CLOCK));
      settings.get(Setting.INGEST_INTERVAL).or(() -> interval).ifPresent(ingest::interval);
      account.ifPresent(ingest::account);
      token.map(ApiToken::of).ifPresent(ingest::token);
      return ingest.build();
    } catch (IllegalArgumentException e) {
      throw new SettingsException(e.getMessage(), e);
    }
  }

  /**
   * What answered.
   *
   * @param told in words
   * @param ahead how far its clock is ahead of ours, as its Date headers say; zero where they agree
   *     but for the time of travel, or where it tells none
   */
  public record Asked(String told, Duration ahead) {}

  /**
   * Asks for the first workflows, twice: a clock is believed where two answers agree on it.
   *
   * @return what answered
   * @throws SourceNotFoundException where no Workflows API answers
   * @throws ApiFailureException where it refuses
   */
  public Asked probe(Settings settings)
      throws SourceNotFoundException, ApiFailureException, InterruptedException {
    SourceSettings once =
        new SourceSettings(
            url,
            account,
            token.map(ApiToken::of),
            ASK_WITHIN,
            ASK_WITHIN,
            ASK_WITHIN,
            settings.get(Setting.INGEST_REQUEST_LIMIT),
            settings.get(Setting.INGEST_REQUEST_SHARE),
            1,
            settings.get(Setting.PRIVACY_ERRORS),
            ids(settings));
    Clock clock = settings.get(Setting.CLOCK);
    try (Source source = SourceDetector.find(once, new Telemetry(clock), clock)) {
      page(source, clock);
      ApiResponse<ResponsePage<ListedWorkflow>> response = page(source, clock);
      return new Asked(
          "%s answers, account %s, %d workflows in the first page"
              .formatted(url, source.account(), response.value().rows().size()),
          Duration.between(clock.instant(), response.respondedAt()));
    }
  }

  /** Whoever asks now does not want to wait until a block is over, as the poller does. */
  private static ApiResponse<ResponsePage<ListedWorkflow>> page(Source source, Clock clock)
      throws ApiFailureException, InterruptedException {
    Budget budget = source.budget();
    try {
      return source.workflows(
          budget.acquire(Priority.USUAL, () -> !budget.silentFor().isZero()), Optional.empty());
    } catch (InterruptedException e) {
      Duration block = budget.silentFor();
      if (block.isZero()) {
        throw e;
      }
      // Not interrupted, but called off.
      Thread.interrupted();
      throw new ApiFailureException(
          new ApiFailure.RateLimited(
              new ApiFailure.Head("GET …/workflows", TOO_MANY_REQUESTS, "", -1),
              Optional.of(block)),
          clock.instant());
    }
  }

  /**
   * Whether something is there at all, told before anything else is started. Asked on this machine
   * only, where no proxy stands between.
   *
   * @throws SettingsException where nothing listens
   */
  public void requireListening() {
    if (!LOOPBACK.contains(url.getHost())) {
      return;
    }
    int port = url.getPort() > 0 ? url.getPort() : url.getScheme().equals("https") ? 443 : 80;
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(url.getHost(), port), CONNECT_MS);
    } catch (IOException e) {
      throw new SettingsException(
          "expected a Workflows API at %s, but nothing listens there (%s). Start `wrangler dev`, or name another --source"
              .formatted(url, e.getMessage()),
          e);
    }
  }
}
