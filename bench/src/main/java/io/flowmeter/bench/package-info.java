/** Benchmarks, side by side: read the ratios. */
package io.flowmeter.bench;
