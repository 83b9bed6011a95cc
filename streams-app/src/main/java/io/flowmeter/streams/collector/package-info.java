/** What stream itself left out, counted for relation {@code collector_minutes}. */
package io.flowmeter.streams.collector;
