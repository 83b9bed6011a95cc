package io.flowmeter.ingest;

import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.privacy.ErrorPrivacy;
import io.flowmeter.ingest.privacy.InstanceIds;
import io.flowmeter.ingest.source.ApiToken;
import io.flowmeter.ingest.source.SourceSettings;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * What to poll, and how. Every setting has a default but for the source.
 *
 * @param source address of the API, with or without its path
 * @param account empty for the local runtime, which has none
 * @param token empty for the local runtime, which wants none
 * @param interval between sweeps, at least; empty for the source's own default: 2 s on loopback,
 *     else 10 s
 * @param requestLimit requests in 5 minutes that production grants to all tools of the user
 * @param requestShare of the limit that Flowmeter may use, over 0 to 1
 * @param concurrency requests on their way at a time
 * @param connectTimeout to open a connection
 * @param requestTimeout from the request to the head of its response: 10 s on loopback, else 30 s
 * @param bodyTimeout from the head of a response to the end of its body
 * @param recheck whether ended instances are looked at again though their row did not change; empty
 *     for the source's own default: only where rows tell no modification
 * @param recheckFresh how long an end is fresh: until then it is looked at at every sweep, then at
 *     doubling ages
 * @param sweepPublicationInterval a sweep's end is told at least so often
 * @param versionsEvery versions are listed at least so often
 * @param retention how long the API keeps ended instances, at most; they are forgotten then
 * @param errors what is kept of errors' names and messages
 * @param ids in which form ids of instances are told
 * @param clock plans, paces and stamps; time-outs of requests are in real time
 */
public record IngestSettings(
    URI source,
    Optional<String> account,
    Optional<ApiToken> token,
    Optional<Duration> interval,
    int requestLimit,
    double requestShare,
    int concurrency,
    Duration connectTimeout,
    Duration requestTimeout,
    Duration bodyTimeout,
    Optional<Boolean> recheck,
    Duration recheckFresh,
    Duration sweepPublicationInterval,
    Duration versionsEvery,
    Duration retention,
    ErrorPrivacy errors,
    InstanceIds ids,
    Clock clock) {

  /** Cloudflare's API. */
  public static final URI PRODUCTION = URI.create("https://api.cloudflare.com/client/v4");

  public IngestSettings {
    interval.ifPresent(each -> positive(each, "interval"));
    positive(recheckFresh, "time in which an end is fresh");
    positive(sweepPublicationInterval, "time after which a sweep is told at least");
    positive(versionsEvery, "time after which versions are listed at least");
    positive(retention, "retention");
    // Checks the rest.
    var unused =
        new SourceSettings(
            source,
            account,
            token,
            connectTimeout,
            requestTimeout,
            bodyTimeout,
            requestLimit,
            requestShare,
            concurrency,
            errors,
            ids);
  }

  private static void positive(Duration duration, String name) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException("expected a positive " + name + ", came " + duration);
    }
  }

  SourceSettings sourceSettings() {
    return new SourceSettings(
        source,
        account,
        token,
        connectTimeout,
        requestTimeout,
        bodyTimeout,
        requestLimit,
        requestShare,
        concurrency,
        errors,
        ids);
  }

  /** The defaults for a source. */
  public static Builder of(URI source) {
    return new Builder(source);
  }

  /** Changes some of the defaults. */
  public static final class Builder {
    private final URI source;
    private Optional<String> account = Optional.empty();
    private Optional<ApiToken> token = Optional.empty();
    private Optional<Duration> interval = Optional.empty();
    private int requestLimit = 1200;
    private double requestShare = 0.7;
    private int concurrency = 8;
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Optional<Duration> requestTimeout = Optional.empty();
    private Duration bodyTimeout = Duration.ofMinutes(2);
    private Optional<Boolean> recheck = Optional.empty();
    private Duration recheckFresh = Duration.ofMinutes(1);
    private Duration sweepPublicationInterval = Duration.ofMinutes(1);
    private Duration versionsEvery = Duration.ofMinutes(30);
    private Duration retention = Duration.ofDays(31);
    private ErrorPrivacy errors = ErrorPrivacy.SCRUBBED;
    private InstanceIds ids = InstanceIds.KEPT;
    private Clock clock = Clock.system();

    private Builder(URI source) {
      this.source = source;
    }

    public Builder account(String account) {
      this.account = Optional.of(account);
      return this;
    }

    public Builder token(ApiToken token) {
      this.token = Optional.of(token);
      return this;
    }

    public Builder interval(Duration interval) {
      this.interval = Optional.of(interval);
      return this;
    }

    public Builder requestLimit(int requests) {
      this.requestLimit = requests;
      return this;
    }

    public Builder requestShare(double share) {
      this.requestShare = share;
      return this;
    }

    public Builder concurrency(int requests) {
      this.concurrency = requests;
      return this;
    }

    public Builder connectTimeout(Duration timeout) {
      this.connectTimeout = timeout;
      return this;
    }

    public Builder requestTimeout(Duration timeout) {
      this.requestTimeout = Optional.of(timeout);
      return this;
    }

    /** The local runtime answers within milliseconds or, now and then, never. */
    private Duration usualRequestTimeout() {
      return SourceSettings.isLoopback(source) ? Duration.ofSeconds(10) : Duration.ofSeconds(30);
    }

    public Builder bodyTimeout(Duration timeout) {
      this.bodyTimeout = timeout;
      return this;
    }

    public Builder recheck(boolean recheck) {
      this.recheck = Optional.of(recheck);
      return this;
    }

    public Builder recheckFresh(Duration fresh) {
      this.recheckFresh = fresh;
      return this;
    }

    public Builder sweepPublicationInterval(Duration every) {
      this.sweepPublicationInterval = every;
      return this;
    }

    public Builder versionsEvery(Duration every) {
      this.versionsEvery = every;
      return this;
    }

    public Builder retention(Duration retention) {
      this.retention = retention;
      return this;
    }

    public Builder errors(ErrorPrivacy errors) {
      this.errors = errors;
      return this;
    }

    public Builder ids(InstanceIds ids) {
      this.ids = ids;
      return this;
    }

    public Builder clock(Clock clock) {
      this.clock = clock;
      return this;
    }

    /**
     * @throws IllegalArgumentException where a setting is out of its range; the message says what
     *     was expected
     */
    public IngestSettings build() {
      return new IngestSettings(
          source,
          account,
          token,
          interval,
          requestLimit,
          requestShare,
          concurrency,
          connectTimeout,
          requestTimeout.orElseGet(this::usualRequestTimeout),
          bodyTimeout,
          recheck,
          recheckFresh,
          sweepPublicationInterval,
          versionsEvery,
          retention,
          errors,
          ids,
          clock);
    }
  }
}
