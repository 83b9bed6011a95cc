package io.flowmeter.simulator.life;

import java.util.Optional;

/** The statuses of an instance, as the schema of the Workflows API lists them. */
public enum Status {
  QUEUED("queued"),
  RUNNING("running"),
  PAUSED("paused"),
  ERRORED("errored"),
  TERMINATED("terminated"),
  COMPLETE("complete"),
  WAITING_FOR_PAUSE("waitingForPause"),
  WAITING("waiting");

  private final String apiName;

  Status(String apiName) {
    this.apiName = apiName;
  }

  /** The name the API uses, for example {@code waitingForPause}. */
  public String apiName() {
    return apiName;
  }

  /** Whether a life that reached this status has ended. */
  public boolean isTerminal() {
    return this == ERRORED || this == TERMINATED || this == COMPLETE;
  }

  /** The status the API calls {@code name}; empty when the schema has none of that name. */
  public static Optional<Status> named(String name) {
    for (Status status : values()) {
      if (status.apiName.equals(name)) {
        return Optional.of(status);
      }
    }
    return Optional.empty();
  }
}
