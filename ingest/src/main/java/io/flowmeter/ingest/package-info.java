/** The poller: what the Workflows API shows, told to Kafka as observations, each change once. */
package io.flowmeter.ingest;
