/** The directory in which {@code up} keeps everything, and what it remembers of the last start. */
package io.flowmeter.cli.data;
