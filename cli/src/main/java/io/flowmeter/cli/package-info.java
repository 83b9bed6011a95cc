/** The one command line. */
package io.flowmeter.cli;
