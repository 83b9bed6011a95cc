/** When what is looked at. */
package io.flowmeter.ingest.poll;
