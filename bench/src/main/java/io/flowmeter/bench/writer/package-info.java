/** How fast rows come into ClickHouse, by which way. */
package io.flowmeter.bench.writer;
