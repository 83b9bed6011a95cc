/**
 * What of a program's own words may be kept. Applied where errors enter, so that nothing behind it
 * ever holds more.
 */
package io.flowmeter.ingest.privacy;
