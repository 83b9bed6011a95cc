/** Servers of this machine that the production commands can use, without depending on them. */
package io.flowmeter.cli.local;
