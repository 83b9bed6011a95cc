package io.flowmeter.sql;

import java.time.Duration;

/**
 * A migration that was applied.
 *
 * @param name such as {@code V001__facts}
 * @param took how long its statements took
 */
public record AppliedMigration(String name, Duration took) {}
