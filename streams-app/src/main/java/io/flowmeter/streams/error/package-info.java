/** Which errors are the same: messages without what differs from one time to the next. */
package io.flowmeter.streams.error;
