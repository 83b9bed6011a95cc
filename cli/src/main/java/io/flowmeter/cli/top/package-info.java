/** What is going on, as tables on a terminal: {@code flowmeter top}. */
package io.flowmeter.cli.top;
