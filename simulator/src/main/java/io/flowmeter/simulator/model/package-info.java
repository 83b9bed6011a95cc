/**
 * What truly happens to instances, as plain values: an instance has lives, a life has status
 * changes and steps, a step of type {@code step} has attempts.
 */
package io.flowmeter.simulator.model;
