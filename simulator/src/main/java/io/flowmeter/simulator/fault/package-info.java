/** What can go wrong between the API and its reader, on demand. */
package io.flowmeter.simulator.fault;
