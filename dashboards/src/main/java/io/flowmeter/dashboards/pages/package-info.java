/**
 * What the dashboards show, as code: a {@link Page} is a dashboard, a {@link Question} one of its
 * panels. The files in {@code dashboards/grafana} are written from it, so that all of them look and
 * behave alike, and a test holds them against it.
 */
package io.flowmeter.dashboards.pages;
