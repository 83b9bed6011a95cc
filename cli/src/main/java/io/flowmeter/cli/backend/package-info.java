/** Where Kafka, the registry and ClickHouse are: configured, or started by {@code up}. */
package io.flowmeter.cli.backend;
