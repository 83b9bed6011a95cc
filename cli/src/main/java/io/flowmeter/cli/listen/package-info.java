/** Where this process listens, as the settings tell it, and who may ask. */
package io.flowmeter.cli.listen;
