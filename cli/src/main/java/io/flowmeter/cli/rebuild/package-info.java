/** What a rebuild from the command line needs: the servers, also where {@code up} has stopped. */
package io.flowmeter.cli.rebuild;
