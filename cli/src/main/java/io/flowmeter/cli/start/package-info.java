/** How a process starts while what it needs may still be away. */
package io.flowmeter.cli.start;
