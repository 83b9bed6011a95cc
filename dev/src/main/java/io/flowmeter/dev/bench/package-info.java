/** Benchmarks of what only the command line puts together. */
package io.flowmeter.dev.bench;
