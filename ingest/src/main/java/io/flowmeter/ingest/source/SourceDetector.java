package io.flowmeter.ingest.source;

import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.budget.Budget;
import io.flowmeter.ingest.budget.Priority;
import io.flowmeter.ingest.budget.QuotaPolicy;
import io.flowmeter.ingest.source.WorkflowsApiClient.Authorization;
import io.flowmeter.ingest.telemetry.RequestKind;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Finds out what answers at an address. */
public final class SourceDetector {
  private static final Duration WINDOW = Duration.ofMinutes(5);
  private static final String PRODUCTION = "/client/v4";
  private static final List<String> LOCAL =
      List.of("/cdn-cgi/explorer/api", "/cdn-cgi/local/explorer/api");

  private SourceDetector() {}

  /**
   * The source at the address of the settings. An address with the path of an API is believed; else
   * the paths of the local runtime are tried on a loopback host, without the token, and then that
   * of production.
   *
   * @throws SourceNotFoundException where none answers as a Workflows API does
   */
  public static Source find(SourceSettings settings, Telemetry telemetry, Clock clock)
      throws SourceNotFoundException, InterruptedException {
    String path = settings.address().getPath().replaceAll("/+$", "");
    if (path.endsWith("/explorer/api")) {
      return local(settings, telemetry, clock, "");
    }
    if (path.endsWith(PRODUCTION)) {
      return production(settings, telemetry, clock, "");
    }
    List<String> tried = new ArrayList<>();
    if (settings.onLoopback()) {
      for (String candidate : LOCAL) {
        if (respondsLocally(settings, clock, candidate, tried)) {
          return local(settings, telemetry, clock, candidate);
        }
      }
    }
    if (!settings.onLoopback() || settings.account().isPresent() && settings.token().isPresent()) {
      return production(settings, telemetry, clock, PRODUCTION);
    }
    throw new SourceNotFoundException(
        "expected a Workflows API at "
            + settings.address()
            + ", came: "
            + String.join("; ", tried)
            + ". Start `wrangler dev` there, or give an account and a token if it is a production API");
  }

  private static boolean respondsLocally(
      SourceSettings settings, Clock clock, String path, List<String> tried)
      throws InterruptedException {
    Budget budget = Budget.unlimited(clock);
    try (WorkflowsApiClient api =
        new WorkflowsApiClient(
            settings, budget, new Telemetry(clock), clock, new HttpTransport(settings))) {
      api.once(
          budget.acquire(Priority.USUAL),
          RequestKind.WORKFLOWS,
          ApiPath.under(under(settings, path)).segment("workflows"),
          Authorization.NONE,
          ApiJson.rows(ApiJson::workflow));
      return true;
    } catch (ApiFailureException e) {
      tried.add(path + ": " + e.getMessage());
      return false;
    }
  }

  private static Source local(
      SourceSettings settings, Telemetry telemetry, Clock clock, String path) {
    Budget budget = Budget.unlimited(clock);
    return new LocalRuntimeSource(
        under(settings, path),
        new WorkflowsApiClient(settings, budget, telemetry, clock, new HttpTransport(settings)));
  }

  /**
   * The production API at the address of the settings, with a budget and a transport of one's own.
   *
   * @throws SourceNotFoundException where account or token is missing
   */
  public static Source production(
      SourceSettings settings, Budget budget, Telemetry telemetry, Clock clock, Transport transport)
      throws SourceNotFoundException {
    return production(settings, budget, telemetry, clock, "", transport);
  }

  private static Source production(
      SourceSettings settings, Telemetry telemetry, Clock clock, String path)
      throws SourceNotFoundException {
    Budget budget =
        Budget.of(new QuotaPolicy("default", settings.limit(), WINDOW), settings.share(), clock);
    return production(settings, budget, telemetry, clock, path, new HttpTransport(settings));
  }

  private static Source production(
      SourceSettings settings,
      Budget budget,
      Telemetry telemetry,
      Clock clock,
      String path,
      Transport transport)
      throws SourceNotFoundException {
    String account =
        settings
            .account()
            .orElseThrow(
                () ->
                    new SourceNotFoundException(
                        "expected the id of an account, came none: set CLOUDFLARE_ACCOUNT_ID"));
    if (settings.token().isEmpty()) {
      throw new SourceNotFoundException(
          "expected an API token, came none: set "
              + ApiToken.VARIABLE
              + ", or give a file that only its owner can read");
    }
    return new ProductionSource(
        under(settings, path),
        account,
        new WorkflowsApiClient(settings, budget, telemetry, clock, transport));
  }

  private static URI under(SourceSettings settings, String path) {
    return URI.create(settings.address().toString().replaceAll("/+$", "") + path);
  }
}
