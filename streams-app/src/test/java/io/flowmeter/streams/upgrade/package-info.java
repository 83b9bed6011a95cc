/** What an earlier build left in Kafka, the registry and ClickHouse, under today's. */
package io.flowmeter.streams.upgrade;
