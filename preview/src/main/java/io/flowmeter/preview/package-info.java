/**
 * The dashboards without Grafana: a page that draws their panels, and the server that asks
 * ClickHouse for it. The page says which panel it wants, never how to ask for it.
 */
package io.flowmeter.preview;
