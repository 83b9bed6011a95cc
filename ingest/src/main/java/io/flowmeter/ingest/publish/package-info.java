/**
 * How what was seen gets into Kafka, each unit of it wholly or not at all, and how memory outlasts
 * a restart.
 */
package io.flowmeter.ingest.publish;
