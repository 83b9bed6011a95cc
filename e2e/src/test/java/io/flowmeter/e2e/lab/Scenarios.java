package io.flowmeter.e2e.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Every way in which a run can go on Cloudflare's own runtime. What the workflows do by themselves
 * is in {@code e2e/lab/src/index.js}.
 */
final class Scenarios {

  private Scenarios() {}

  static List<Scenario> all(String wave) {
    return Stream.of(
            succeed(),
            fail(),
            await(),
            terminate(),
            pauseAndResume(),
            restart(),
            goOnOrAreReplaced())
        .flatMap(List::stream)
        .map(scenario -> scenario.in(wave))
        .toList();
  }

  private static List<Scenario> succeed() {
    return List.of(
        Scenario.of("checkout", "plain"),
        Scenario.of("checkout", "many-parcels").with("parcels", 15),
        Scenario.of("checkout", "large-outputs").with("outputBytes", 400_000),
        Scenario.of("imports", "retries-with-each-backoff"),
        Scenario.of("imports", "first-attempts-succeed").with("fails", 0),
        Scenario.of("imports", "lives-with-failures").with("fails", 1).with("enrich", true),
        Scenario.of("odd-names", "all"),
        Scenario.of("odd-names", "all_again-" + "i".repeat(80)),
        Scenario.of("ping", "one"),
        Scenario.of("ping", "TWO_-two"),
        Scenario.of("noop", "without-steps"));
  }

  private static List<Scenario> fail() {
    List<Scenario> scenarios = new ArrayList<>();
    for (String how :
        List.of(
            "exhausted",
            "no retries",
            "timeout",
            "non-retryable",
            "non-retryable, unnamed",
            "custom error",
            "empty message",
            "caught, then another error",
            "outside of a step",
            "one of two in parallel",
            "while another step runs")) {
      String id = how.replaceAll("[^a-z]+", "-");
      scenarios.add(Scenario.of("billing", id).with("how", how).endsAs("errored"));
    }
    return scenarios;
  }

  private static List<Scenario> await() {
    return List.of(
        Scenario.of("approval", "met").onceAt("wait for approval").event("approval"),
        Scenario.of("approval", "met-beforehand").event("approval"),
        Scenario.of("approval", "wrong-event-first")
            .onceAt("wait for approval")
            .event("other")
            .event("approval"),
        Scenario.of("approval", "timed-out").with("timeout", 1200).endsAs("errored"),
        Scenario.of("approval", "timed-out-and-caught")
            .with("timeout", 1200)
            .with("failOnTimeout", false));
  }

  private static List<Scenario> terminate() {
    return List.of(
        Scenario.of("nightly", "terminated-asleep")
            .onceAt("until night")
            .terminate()
            .endsAs("terminated"),
        Scenario.of("nightly", "terminated-in-backoff")
            .with("sleep", 50)
            .with("retryDelay", "1 hour")
            .onceInBackoff()
            .terminate()
            .endsAs("terminated"),
        Scenario.of("nightly", "terminated-mid-step")
            .with("sleep", 50)
            .with("workMs", 60_000)
            .onceAt("work")
            .terminate()
            .endsAs("terminated"),
        Scenario.of("approval", "terminated-waiting")
            .onceAt("wait for approval")
            .terminate()
            .endsAs("terminated"),
        Scenario.of("approval", "terminated-paused")
            .onceAt("wait for approval")
            .pause()
            .terminate()
            .endsAs("terminated"));
  }

  /** Sleeps and backoffs are long enough for a busy machine to pause in the middle of them. */
  private static List<Scenario> pauseAndResume() {
    return List.of(
        Scenario.of("nightly", "paused-asleep")
            .with("sleep", 12_000)
            .onceAt("until night")
            .pause()
            .resume(),
        Scenario.of("nightly", "paused-in-backoff")
            .with("sleep", 50)
            .with("retryDelay", 12_000)
            .onceInBackoff()
            .pause()
            .resume(),
        Scenario.of("approval", "paused-waiting")
            .onceAt("wait for approval")
            .pause()
            .resume()
            .onceIn("running")
            .event("approval"),
        Scenario.of("approval", "paused-mid-step")
            .with("slowSteps", 8)
            .event("approval")
            .onceAt("review")
            .pause()
            .resume());
  }

  private static List<Scenario> restart() {
    return List.of(
        // Each life ends within milliseconds, and the next begins right after SQL shows that end.
        Scenario.of("ping", "restarted-thrice")
            .restartAfter("complete")
            .restartAfter("complete")
            .restartAfter("complete"),
        Scenario.of("noop", "restarted").restartAfter("complete"),
        Scenario.of("billing", "restarted-after-an-error")
            .with("how", "no retries")
            .restartAfter("errored")
            .endsAs("errored"),
        Scenario.of("nightly", "restarted-after-termination")
            .with("sleep", 12_000)
            .onceAt("until night")
            .terminate()
            .restartAfter("terminated"),
        Scenario.of("imports", "restarted").with("fails", 1).restartAfter("complete"));
  }

  /** Lives without an end of their own: only a part of their rows follows from the API's JSON. */
  private static List<Scenario> goOnOrAreReplaced() {
    return List.of(
        Scenario.of("vigil", "asleep").onceAt("until night").endsAs("running"),
        Scenario.of("vigil", "paused-for-ever").onceAt("until night").pause().endsAs("paused"),
        Scenario.of("vigil", "restarted-alive")
            .onceAt("until night")
            .restartAlive()
            .onceAt("until night")
            .terminate()
            .endsAs("terminated"),
        Scenario.of("vigil", "restarted-paused")
            .onceAt("until night")
            .pause()
            .restartAlive()
            .onceAt("until night")
            .terminate()
            .endsAs("terminated"));
  }
}
