/**
 * Stream processing: the topology derives facts and rollups from observations, and the writer loads
 * them into ClickHouse.
 *
 * <p>{@code run} is the pure core: the state of a run and the facts derived from it. {@code rollup}
 * and {@code status} aggregate facts; {@code spike} compares them with their past. {@code topology}
 * connects them to topics and stores. {@code writer} consumes the resulting topics.
 */
package io.flowmeter.streams;
