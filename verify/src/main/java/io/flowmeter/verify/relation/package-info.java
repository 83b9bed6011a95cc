/** The relations that people query, and what they hold. */
package io.flowmeter.verify.relation;
