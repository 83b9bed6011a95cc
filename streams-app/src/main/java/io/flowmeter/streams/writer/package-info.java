/**
 * From topics of rows to tables of ClickHouse, once and in order; what cannot be stored becomes a
 * letter.
 */
package io.flowmeter.streams.writer;
