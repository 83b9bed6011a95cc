package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.model.StepConfig;

/**
 * What undoes a step when the run fails later on.
 *
 * @param config how often it is tried, and for how long
 */
public record Compensation(StepConfig config, AttemptModel effort) {}
