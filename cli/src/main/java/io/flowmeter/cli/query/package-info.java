/** Queries of people, by the read-only user. */
package io.flowmeter.cli.query;
