/**
 * The Workflows API over a fleet: routes, parameters, envelope and the shapes of the schema page.
 */
package io.flowmeter.simulator.api;
