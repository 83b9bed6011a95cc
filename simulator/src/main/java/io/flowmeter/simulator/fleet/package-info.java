/**
 * The fleet: which instances exist and what happens to them, as a pure function of seed, epoch and
 * time. Nothing is stored, so a fleet goes on after a restart as if it had never stopped.
 */
package io.flowmeter.simulator.fleet;
