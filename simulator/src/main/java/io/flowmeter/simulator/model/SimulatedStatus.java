package io.flowmeter.simulator.model;

import java.util.Optional;

/**
 * The statuses of an instance: those that the schema of the Workflows API lists, and a newer one.
 */
public enum SimulatedStatus {
  QUEUED("queued"),
  RUNNING("running"),
  PAUSED("paused"),
  ERRORED("errored"),
  TERMINATED("terminated"),
  COMPLETE("complete"),
  WAITING_FOR_PAUSE("waitingForPause"),
  WAITING("waiting"),
  /** Newer than the schema page: the run failed, and what it did is being undone. */
  ROLLING_BACK("rollingBack");

  private final String apiName;

  SimulatedStatus(String apiName) {
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

  /** Whether the schema page has it: lists can be asked for in these. */
  public boolean isOnPage() {
    return this != ROLLING_BACK;
  }

  /** The status the API calls {@code name}; empty when there is none of that name. */
  public static Optional<SimulatedStatus> named(String name) {
    for (SimulatedStatus status : values()) {
      if (status.apiName.equals(name)) {
        return Optional.of(status);
      }
    }
    return Optional.empty();
  }
}
