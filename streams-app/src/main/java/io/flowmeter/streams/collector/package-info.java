/**
 * What stream tells of itself: what it left out, for relation {@code collector_minutes}, and how it
 * is, for {@code stream_minutes}.
 */
package io.flowmeter.streams.collector;
