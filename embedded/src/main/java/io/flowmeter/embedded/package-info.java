/**
 * A Kafka broker, a Schema Registry and a ClickHouse server on this machine, started and stopped by
 * Java code. They are for {@code flowmeter up} and for tests. All listen on loopback only and keep
 * their data below one directory.
 */
package io.flowmeter.embedded;
