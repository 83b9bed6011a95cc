/** What the user of a terminal sees, and what goes into the log file instead. */
package io.flowmeter.cli.console;
