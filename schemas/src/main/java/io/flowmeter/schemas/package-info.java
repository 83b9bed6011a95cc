/** Avro records, the topics that carry them, and the wire format. */
package io.flowmeter.schemas;
