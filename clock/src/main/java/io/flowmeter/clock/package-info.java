/** Clocks, and ways to wait. They are injected, so that time can be virtual. */
package io.flowmeter.clock;
