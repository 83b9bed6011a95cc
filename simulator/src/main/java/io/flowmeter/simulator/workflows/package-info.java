/** The workflows of the simulated account; each reads like the code of a real one. */
package io.flowmeter.simulator.workflows;
