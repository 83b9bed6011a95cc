/** Grouping of errors by a message pattern without variable parts. */
package io.flowmeter.streams.error;
