/** Grafana dashboards as files, and what is needed to run their queries without Grafana. */
package io.flowmeter.dashboards;
