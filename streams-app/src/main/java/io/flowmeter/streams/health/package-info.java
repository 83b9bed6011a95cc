/** How the processes that derive and write are, for relation {@code stream_minutes}. */
package io.flowmeter.streams.health;
