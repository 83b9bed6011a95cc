package io.flowmeter.cli.console;

/** How a log line is written. */
public enum LogFormat {
  /** For people: time, level, thread, logger, message. */
  TEXT,
  /** For machines: one JSON object a line; of an event that matters, also its name and fields. */
  JSON
}
