/**
 * From observations to relations: the topology derives facts and rollups, the writer brings them
 * into ClickHouse.
 *
 * <p>{@code run} is the pure core: what is known of a run, and the facts that follow from it.
 * {@code rollup} and {@code status} add facts up, {@code spike} holds them against their past.
 * {@code topology} wires them to topics and stores. {@code writer} stands behind the topics.
 */
package io.flowmeter.streams;
