/** How many requests a source may get, and when. */
package io.flowmeter.ingest.budget;
