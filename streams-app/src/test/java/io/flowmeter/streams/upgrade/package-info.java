/** What a release left in Kafka, the registry and ClickHouse, continued by this build. */
package io.flowmeter.streams.upgrade;
