package io.flowmeter.cli.migrate;

import io.flowmeter.cli.console.Narrator;
import io.flowmeter.schemas.RegistryAwayException;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.SchemaRegistryException;
import io.flowmeter.schemas.Topics;
import java.time.Duration;

/**
 * Waits for a Schema Registry that is away when a command starts: machines come up in any order,
 * and without schemas nothing can be read or written. Once it is there, a registry that goes away
 * delays only what has schemas that were not seen yet.
 */
public final class AwaitedRegistry {
  private static final Duration ASK_AGAIN_AFTER = Duration.ofSeconds(1);

  /** Where nobody reads along, the log is not to be filled. */
  private static final int SAY_EVERY = 60;

  /** How a wait passes. */
  @FunctionalInterface
  public interface Stop {
    /** Waits for so long; true where a stop was asked for meanwhile. */
    boolean await(Duration patience) throws InterruptedException;
  }

  private AwaitedRegistry() {}

  /**
   * Returns when the registry answers, and says what is waited for until then.
   *
   * @return false where a stop was asked for instead
   * @throws SchemaRegistryException where it answers that it cannot be used so: asking again would
   *     not help
   */
  public static boolean await(SchemaRegistry registry, Narrator narrator, Stop stop)
      throws InterruptedException {
    for (int asked = 0; ; asked++) {
      try {
        registry.compatibility(Topics.OBSERVATIONS.subject());
        if (asked > 0) {
          narrator.say("The Schema Registry is there.");
        }
        return true;
      } catch (RegistryAwayException e) {
        if (asked % SAY_EVERY == 0) {
          narrator.warn(
              "waiting for the Schema Registry, see registry.url and flowmeter doctor: "
                  + e.getMessage());
        }
      }
      if (stop.await(ASK_AGAIN_AFTER)) {
        return false;
      }
    }
  }
}
