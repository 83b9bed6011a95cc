/** Instances by status: tallied in each partition, summed for a workflow when a sweep has ended. */
package io.flowmeter.streams.status;
