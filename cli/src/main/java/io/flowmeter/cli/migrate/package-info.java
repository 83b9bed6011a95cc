/** Topics, schemas and tables: making what is missing, and telling what is. */
package io.flowmeter.cli.migrate;
