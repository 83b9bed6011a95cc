/** What is polled, and how. */
package io.flowmeter.cli.source;
