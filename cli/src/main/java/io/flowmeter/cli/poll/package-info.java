/** The pollers of a process, and what is told of them. */
package io.flowmeter.cli.poll;
