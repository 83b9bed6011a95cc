package io.flowmeter.simulator.model;

import java.util.Locale;

/** Who created an instance, or terminated one. */
public enum TriggerSource {
  UNKNOWN,
  API,
  BINDING,
  EVENT,
  CRON;

  /** The name the API uses, for example {@code cron}. */
  public String apiName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
