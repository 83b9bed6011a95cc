/** Error spikes: a workflow's errored share held against its own recent past. */
package io.flowmeter.streams.spike;
