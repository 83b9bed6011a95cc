/** The one table of settings, and how values reach it from flags, environment and a file. */
package io.flowmeter.cli.settings;
