/** Flowmeter's own metrics, for Prometheus: see docs/metrics.md. */
package io.flowmeter.cli.metrics;
