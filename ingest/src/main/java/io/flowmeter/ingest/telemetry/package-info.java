/** What a poller tells of itself: counted where it happens, read by whoever shows or stores it. */
package io.flowmeter.ingest.telemetry;
