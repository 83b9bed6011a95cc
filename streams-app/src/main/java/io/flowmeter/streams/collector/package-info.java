/** Counts of records that stream dropped, for relation {@code collector_minutes}. */
package io.flowmeter.streams.collector;
