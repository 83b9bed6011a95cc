/** How fast the topology works, and how fast its state comes back. */
package io.flowmeter.bench.topology;
