/** The process clock inside the topology, which is the one that is handed in. */
package io.flowmeter.streams.time;
