/** What is in force, what answers, and what to do about the rest. */
package io.flowmeter.cli.doctor;
