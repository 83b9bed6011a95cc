package io.flowmeter.simulator.api;

/** How much steps return. */
@FunctionalInterface
public interface StepOutputs {

  /** How many bytes each step of a workflow returns; 0 for something short. */
  int bytesOfStep(String workflow);
}
