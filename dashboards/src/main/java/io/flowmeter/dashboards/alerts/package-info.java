/**
 * Alert rules for Grafana: what each asks ClickHouse, when it fires, and the file that provisions
 * them.
 */
package io.flowmeter.dashboards.alerts;
