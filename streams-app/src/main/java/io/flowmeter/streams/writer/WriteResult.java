package io.flowmeter.streams.writer;

import java.util.List;

/**
 * What became of records.
 *
 * @param rows those that ClickHouse has; a record without a value is none
 * @param deadLetters those that can never be written
 */
record WriteResult(long rows, List<UnwritableRecord> deadLetters) {}
