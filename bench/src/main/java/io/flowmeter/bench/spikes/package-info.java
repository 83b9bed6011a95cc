/** How many spikes are told that are none, and how soon those that are. */
package io.flowmeter.bench.spikes;
